// From a tenant to an invoice, with nothing but the generated types.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { answered, createClient, items, Refused, type Schemas } from "../src/index.js";

const { ISPHOST_ADDRESS: address, ISPHOST_KEY: key } = process.env;
assert(address !== undefined && key !== undefined, "ISPHOST_ADDRESS and ISPHOST_KEY say where a server is, and the operator's key of it.");

const code = `ts-${randomUUID().slice(0, 8)}`;
const operator = createClient({ address, key });
const clock = (now: string) => operator.PUT("/api/v1/tenants/{code}/clock", { params: { path: { code } }, body: { now } });

const tenant = answered(await operator.POST("/api/v1/tenants", { body: { code, currency: "EUR", zone: "Europe/Athens" } }));
assert.equal(tenant.country, "GR");
assert.equal(answered(await clock("2026-10-01T09:00:00Z")).test_clock, "2026-10-01T09:00:00Z");

// begin connect
const asTenant = createClient({ address, key, tenant: code });
const own = answered(await asTenant.POST("/api/v1/api-keys", { body: { name: "journey", scopes: ["all"] } }));
assert(own.key);
const isp = createClient({ address, key: own.key });
// end connect

const plan = answered(
  await isp.POST("/api/v1/plans", {
    body: {
      code: "home",
      name: "Home 100",
      network: { up: 20_000_000, down: 100_000_000 },
      price: { recurring: { amount: "24.90", currency: "EUR" } },
    },
  }),
);
// An amount is text, so that none becomes a binary fraction.
assert.deepEqual(plan.price.recurring, { amount: "24.90", currency: "EUR" });

const customers: Schemas["Customer"][] = [];
for (let number = 0; number < 5; number++) {
  customers.push(answered(await isp.POST("/api/v1/customers", { body: { name: `Customer ${number}`, country: "GR" } })));
}

// begin pages
const listed: string[] = [];
for await (const customer of items((from) => isp.GET("/api/v1/customers", { params: { query: { limit: 2, ...from } } }))) {
  listed.push(customer.name);
}
// end pages
assert.deepEqual(listed, customers.map((customer) => customer.name));

const [first] = customers;
assert(first);
const service = answered(
  await isp.POST("/api/v1/subscriptions", {
    body: { customer: first.id, plan: plan.code, user_name: `user@${code}`, password: randomUUID() },
  }),
);
assert.equal(service.state, "active");
const usage = answered(
  await isp.GET("/api/v1/subscriptions/{id}/usage", {
    params: { path: { id: service.id }, query: { from: "2026-10-01", to: "2026-11-01" } },
  }),
);
assert.deepEqual([usage.bytes_up, usage.bytes_down, usage.hours], [0, 0, []]);

// begin refusal
const refused = await isp.POST("/api/v1/customers", { body: { name: "", email: "nowhere" } });
assert.equal(refused.response.status, 400);
assert.equal(refused.error?.type, "/problems/invalid-field");
assert.deepEqual(Object.keys(refused.error?.errors ?? {}).sort(), ["email", "name"]);
assert.throws(() => answered(refused), (refusal) => refusal instanceof Refused && refusal.problem.status === 400);
// end refusal

answered(await clock("2026-11-02T09:00:00Z"));
let run = answered(
  await isp.POST("/api/v1/bill-runs", { body: { period: "2026-10" }, params: { header: { Prefer: "wait=20" } } }),
);
while (run.state !== "done") {
  run = answered(await isp.GET("/api/v1/bill-runs/{period}", { params: { path: { period: run.period } } }));
}

const [invoice] = answered(await isp.GET("/api/v1/invoices", { params: { query: { customer: first.id } } })).items;
assert(invoice);
const { lines, total } = answered(await isp.GET("/api/v1/invoices/{id}", { params: { path: { id: invoice.id } } }));
assert.deepEqual(lines.map((line) => [line.line_no, line.net.amount, line.net.currency]), [[1, "24.90", "EUR"]]);
assert.deepEqual(total, { amount: "30.88", currency: "EUR" });

const { data: document } = await isp.GET("/api/v1/invoices/{id}/pdf", {
  params: { path: { id: invoice.id } },
  parseAs: "arrayBuffer",
});
assert.equal(new TextDecoder().decode(document?.slice(0, 5)), "%PDF-");

console.log(`${invoice.number}: ${total.amount} ${total.currency}`);
