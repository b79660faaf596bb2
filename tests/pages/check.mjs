// Looks at the server's pages as a browser shows them: on a desk and on a phone, by day and in the dark.
//
//     node check.mjs isphost.dll
//
// puppeteer-core and axe-core are taken from the node_modules of the working folder, and the browser is /usr/bin/chromium or what
// CHROMIUM names. Each fault is a line; the exit code is 1 if there is one. With SHOTS=FOLDER it leaves pictures there.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const here = createRequire(join(process.cwd(), 'check.mjs'));
const puppeteer = here('puppeteer-core');
const axe = readFileSync(here.resolve('axe-core/axe.min.js'), 'utf8');

const looks = {
  desk: { width: 1280, height: 900, scheme: 'light' },
  phone: { width: 390, height: 844, scheme: 'light' },
  dark: { width: 1280, height: 900, scheme: 'dark' },
  'phone in the dark': { width: 390, height: 844, scheme: 'dark' },
};
const patience = 30_000;

// A link to an operation leads there, whatever its version is called today.
const operation = '/docs/#2026-11-01/tag/customers/GET/api/v1/customers';

// What a request in each language begins with.
const examples = { 'C#': 'new AuthenticationHeaderValue("Bearer"', Python: 'requests.get(', TypeScript: 'fetch(', Shell: 'curl ' };

// Where a reader is sent on purpose: what a status means.
const elsewhere = ['https://developer.mozilla.org/'];

// What Scalar 2.19.0 has wrong and no option, style or attribute mends: the part that tries requests is a second <main>.
const known = new Set(['with an answer: landmark-no-duplicate-main']);

const faults = [];

const server = await serve(process.argv[2]);
try {
  const key = await keyOfATenant(server);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Root gets no sandbox from Chromium; the pages are our own.
    args: process.getuid() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : ['--disable-dev-shm-usage'],
  });
  for (const [name, look] of Object.entries(looks)) {
    for (const path of ['/', '/problems', '/problems/invalid-field', '/versions'])
      await visit(browser, name, look, path, (page, state) => state('as it opens'));
    await visit(browser, name, look, '/docs/', opened);
    await visit(browser, name, look, operation, (page, state) => reference(page, state, name, key));
  }
  await browser.close();
} finally {
  server.process.kill();
  await server.ended;
  rmSync(server.data, { recursive: true, force: true });
}

faults.forEach(fault => console.log(fault));
console.log(faults.length === 0 ? 'The pages are as they should be.' : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** The reference, once it is drawn. */
async function opened(page, state) {
  await page.waitForFunction(() => document.body.innerText.includes('Selected Auth Type: api_key'), { timeout: patience });
  await state('as it opens');
  await search(page, state);
}

/** The reference's search, and where it leads. */
async function search(page, state) {
  await page.keyboard.down('Control');
  await page.keyboard.press('k');
  await page.keyboard.up('Control');
  await page.waitForSelector('[role=dialog] input[role=combobox]', { timeout: patience });
  await page.keyboard.sendCharacter('send-again');
  await page.waitForFunction(() => document.querySelector('[role=option]')?.textContent.includes('Mail an invoice again'), { timeout: patience });
  await state('as it is searched');
  await press(page, '[role=option]', 'Mail an invoice again');
  await page.waitForFunction(() => location.hash.endsWith('/POST/api/v1/invoice-mails/{invoice}/send-again'), { timeout: patience });
}

/** An operation in the states that a reader brings it into. Each is looked at. */
async function reference(page, state, look, key) {
  await page.waitForFunction(() => [...document.querySelectorAll('h3')].some(title =>
    title.textContent.includes('List customers') && Math.abs(title.getBoundingClientRect().top) < innerHeight), { timeout: patience });
  // A phone has no room for all tabs.
  for (const [tab, expected] of look.startsWith('phone') ? [] : Object.entries(examples)) {
    await press(page, '[role=tab]', tab);
    await page.waitForFunction(text => [...document.querySelectorAll('pre')].some(code =>
      code.innerText.includes(text) && code.innerText.includes('/api/v1/customers')), { timeout: patience }, expected)
      .catch(() => faults.push(`${operation} (${look}): no example in ${tab}`));
  }
  await state('at an operation');

  await press(page, 'button', '(get /api/v1/customers)');
  await page.waitForSelector('[role=dialog] input[placeholder=Token]', { timeout: patience });
  await page.focus('[role=dialog] input[placeholder=Token]');
  await page.keyboard.sendCharacter(key);
  // The reference takes over what was typed a while after the last letter: on a busy machine a request that is sent at once has no key.
  await new Promise(over => setTimeout(over, 1000));
  await press(page, '[role=dialog] button', 'Send get request');
  await page.waitForFunction(() => document.querySelector('[role=dialog]').innerText.includes('"Ann of the pages"'), { timeout: patience })
    .catch(() => faults.push(`${operation} (${look}): a request that is tried gets no answer`));
  await state('with an answer');
}

/** Presses the first one that can be seen and has this text. */
async function press(page, selector, text) {
  const found = await page.waitForFunction((selector, text) => [...document.querySelectorAll(selector)].find(one =>
    one.textContent.includes(text) && one.getClientRects().length > 0), { timeout: patience }, selector, text);
  await found.evaluate(one => one.click());
}

/** Opens a page and notes what is wrong with it. */
async function visit(browser, name, look, path, further) {
  const page = await browser.newPage();
  const fault = text => faults.push(`${path} (${name}): ${text}`);
  await page.setViewport({ width: look.width, height: look.height, isMobile: look.width < 500, hasTouch: look.width < 500 });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: look.scheme }, { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.evaluateOnNewDocument(() => addEventListener('securitypolicyviolation', refused =>
    console.error(`refused by the policy: ${refused.violatedDirective} ${refused.blockedURI}`)));
  page.on('console', message => message.type() === 'error' && fault(message.text()));
  page.on('pageerror', error => fault(error.message));
  page.on('requestfailed', request => fault(`${request.url()}: ${request.failure().errorText}`));
  page.on('request', request => new URL(request.url()).protocol.startsWith('http') && !request.url().startsWith(server.address)
    && fault(`asks ${request.url()}`));

  await page.goto(server.address + path.slice(1), { waitUntil: 'load', timeout: patience });
  const state = async what => {
    // What moves is looked at when it stands.
    await page.waitForFunction(() => document.getAnimations().every(one => one.playState !== 'running'), { timeout: 5000 }).catch(() => {});
    if (process.env.SHOTS)
      await page.screenshot({ path: join(process.env.SHOTS, `${name} ${path} ${what}`.replaceAll(/[^a-z0-9]+/g, '-') + '.png') });
    await judge(page, text => known.has(`${what}: ${text.split(',')[0]}`) || fault(`${what}: ${text}`));
  };
  try {
    await further(page, state);
  } catch (cause) {
    fault(cause.message);
  }
  await page.close();
}

/** What holds for every page. */
async function judge(page, fault) {
  const seen = await page.evaluate(() => ({
    language: document.documentElement.lang,
    title: document.title,
    wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    elsewhere: [...document.querySelectorAll('a[href]')]
      .filter(link => link.origin !== location.origin && link.getClientRects().length > 0).map(link => link.href),
  }));
  if (seen.language !== 'en')
    fault(`its language is '${seen.language}'`);
  if (!seen.title.includes('IspHost'))
    fault(`its title is '${seen.title}'`);
  if (seen.wider > 0)
    fault(`it is ${seen.wider} pixels wider than the window`);
  seen.elsewhere.filter(link => !elsewhere.some(start => link.startsWith(start))).forEach(link => fault(`it leads to ${link}`));

  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, help, nodes } of violations)
    fault(`${id}, ${help}, ${nodes.length} times, such as ${nodes[0].target.join(' ')} ${nodes[0].html.slice(0, 200)}`);
}

/** Starts a server on a free port, with a database of its own. */
async function serve(program) {
  const data = join(tmpdir(), `isphost-pages-${process.pid}`);
  const child = spawn('dotnet', [program, 'serve', '--data', data, '--bind', '127.0.0.1', '--http', '0', '--radius-auth', '0',
    '--radius-acct', '0', '--log', 'Quiet'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise(resolve => child.on('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('Serving at '))
      return { process: child, ended, data, address: line.slice('Serving at '.length) };
  }
  throw new Error('The server did not start.');
}

/** A key of a new tenant, who has one customer. */
async function keyOfATenant({ address, data }) {
  const { OperatorKey: operator } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'));
  const post = async (path, body) => {
    const answer = await fetch(`${address}api/v1/${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${operator}`, 'Content-Type': 'application/json', ...(path === 'tenants' ? {} : { Tenant: 'pages' }) },
      body: JSON.stringify(body),
    });
    if (!answer.ok)
      throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  await post('tenants', { code: 'pages', currency: 'EUR', zone: 'Europe/Athens' });
  await post('customers', { name: 'Ann of the pages' });
  return (await post('api-keys', { name: 'pages' })).key;
}
