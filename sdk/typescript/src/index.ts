import createFetchClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

/** What the API takes and gives, by name: `Schemas["Customer"]`. */
export type Schemas = components["schemas"];

/** The API, path by path. */
export type IspHost = Client<paths>;

/** The version of the API that the types were made from, and that every request asks for. */
export const apiVersion = "2026-11-01";

export interface Caller {
  /** Where the server is, such as `https://isp.example`. */
  address: string;
  /** The API key, such as `isp_acme_...`. */
  key: string;
  /** The code of the tenant: needed with a key of the operator, who acts for many. */
  tenant?: string;
}

/** A client of one server with one key. */
export function createClient({ address, key, tenant }: Caller): IspHost {
  return createFetchClient<paths>({
    baseUrl: address,
    headers: {
      Authorization: `Bearer ${key}`,
      "Api-Version": apiVersion,
      ...(tenant === undefined ? {} : { Tenant: tenant }),
    },
  });
}

/** What the server refused, and why. Programs go by `problem.type`. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(readonly problem: Schemas["Problem"]) {
    super(problem.detail ?? problem.title);
  }
}

interface Answer<T> {
  data?: T;
  error?: Schemas["Problem"] | undefined;
  response: Response;
}

/** What was answered; throws {@link Refused} for a refusal. */
export function answered<T>({ data, error, response }: Answer<T>): NonNullable<T> {
  if (error !== undefined) {
    throw new Refused(error);
  }
  if (data === undefined || data === null) {
    throw new Error(`The answer has no body: ${response.status}.`);
  }
  return data;
}

interface Page<T> {
  items: T[];
  next?: string;
}

/**
 * All items of a list, asked for page by page as they are needed.
 * @param ask Asks for one page: what it is given belongs into the query.
 */
export async function* items<T>(ask: (from: { cursor?: string }) => Promise<Answer<Page<T>>>): AsyncGenerator<T, void, void> {
  let page = answered(await ask({}));
  yield* page.items;
  while (page.next !== undefined) {
    page = answered(await ask({ cursor: page.next }));
    yield* page.items;
  }
}
