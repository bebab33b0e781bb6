// What every test stands on: the demonstration as a process of its own, one Chromium, people who have signed in, and an
// eye on what browsers complain about. Nothing here judges a page.
import { chromium } from 'playwright-core';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROLES } from './pages.mjs';

/** The longest wait for something that has to come about, in milliseconds. */
export const PATIENCE_MS = Number(process.env.BORGEN_BROWSER_PATIENCE_MS ?? 60_000);
/** How long the demonstration may take to serve. */
const START_LIMIT_MS = 60_000;
/** The time between two looks. */
const BETWEEN_LOOKS_MS = 100;

/** The names of browsers and of Playwright's locales. */
export const LOCALES = { en: 'en-GB', sv: 'sv-SE' };

/** Nothing leaves the machine: every other name than the loopback's is unknown to the browser. */
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

/** Where screenshots go. */
export function shots() {
  const folder = process.env.BORGEN_BROWSER_SHOTS ?? join(import.meta.dirname, '../../target/ci/screenshots');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function chromiumPath() {
  const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = known.find((path) => path && existsSync(path));
  if (!found) throw new Error('no Chromium: install it, or name it in CHROMIUM');
  return found;
}

/** Looks again and again until there is something; says what was waited for when it does not come. */
export async function until(what, look, limit = PATIENCE_MS) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${limit} ms${last ? ` (${last.message})` : ''}`);
    await new Promise((go) => setTimeout(go, BETWEEN_LOOKS_MS));
  }
}

/** Fails with every line of what is wrong. */
export function nothing(wrong) {
  if (wrong.length > 0) {
    const error = new Error(`\n${[...new Set(wrong)].join('\n')}`);
    error.stack = error.message;
    throw error;
  }
}

/** Starts `borgen demo` and reads what it hands out. */
async function startDemo(words) {
  const program = process.env.BORGEN_PROGRAM ?? join(import.meta.dirname, '../../target/release/borgen');
  const folder = mkdtempSync(join(tmpdir(), 'borgen-browser-'));
  // The program takes every variable of its name for a setting.
  const withoutSettings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BORGEN_')));
  const child = spawn(program, ['--lang', 'en', 'demo', '--output', 'json', ...words], {
    cwd: folder,
    env: { ...withoutSettings, XDG_CONFIG_HOME: folder, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = [];
  child.stderr.on('data', (bytes) => said.push(bytes.toString()));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const killing = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(killing);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const first = new Promise((go, fail) => {
    createInterface({ input: child.stdout }).once('line', (line) => go(JSON.parse(line)));
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`the demonstration ended (${code}):\n${said.join('')}`)));
    setTimeout(() => fail(new Error(`the demonstration does not serve:\n${said.join('')}`)), START_LIMIT_MS).unref();
  });
  try {
    return { handed: await first, pid: child.pid, said, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The demonstration, the browser, and the people. */
export class House {
  static async open(words = ['--customers', '60', '--seed', '7', '--speed', '60']) {
    const house = new House();
    house.demo = process.env.BORGEN_DEMO_JSON
      ? { handed: JSON.parse(readFileSync(process.env.BORGEN_DEMO_JSON, 'utf8')), pid: Number(process.env.BORGEN_DEMO_PID), stop: async () => {} }
      : await startDemo(words);
    house.url = house.demo.handed.url;
    house.states = new Map();
    try {
      house.browser = await chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });
      for (const role of ROLES) house.states.set(role, await house.#signIn(role));
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  async close() {
    await this.browser?.close();
    await this.demo.stop();
  }

  /** In by the demonstration's own door, once for each person. */
  async #signIn(role) {
    const context = await this.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${this.url}/sign-in`);
    await page.click(`form[action="/demo/sign-in/${role}"] button`);
    await page.waitForURL(`${this.url}/`);
    const state = await context.storageState();
    await context.close();
    return state;
  }

  /** A browser of its own, as a person or nobody, in a language. What it complains about is in `complaints`. */
  async context({ role = null, lang = 'en', width = 1400, height = 900, ...more } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      locale: LOCALES[lang],
      timezoneId: 'Europe/Stockholm',
      storageState: role ? this.states.get(role) : undefined,
      baseURL: this.url,
      ...more,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    context.complaints = [];
    context.on('page', (page) => watch(page, context.complaints, this.url));
    return context;
  }

  /** What the interface for programs answers to the person with a role. */
  async ask(path, role = 'globalAdministrator') {
    const headers = { authorization: `Bearer ${this.demo.handed.tokens[role]}` };
    const answer = await fetch(`${this.url}/api/v1${path}`, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  /** Tells the simulated Microsoft something. */
  async control(method, path, body) {
    const answer = await fetch(`${this.demo.handed.sandbox}${path}`, {
      method, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const text = await answer.text();
    return text ? JSON.parse(text) : null;
  }

  /** The open case of a story's plot, once rules and Microsoft's alert have come together in it. */
  async caseOf(plot, { withAlert = true } = {}) {
    return until(`a case of ${plot}`, async () => {
      const { stories } = await this.control('GET', '/sandbox/stories');
      const story = stories.find((one) => one.plot === plot);
      if (!story) return null;
      const { value } = await this.ask('/cases?maxpagesize=100');
      for (const found of value) {
        if (withAlert && found.alerts.length === 0) continue;
        const customer = await this.ask(`/customers/${found.customer}`);
        if (customer.tenant === story.customer) return { ...found, tenant: story.customer };
      }
      return null;
    }, 3 * PATIENCE_MS);
  }
}

/** Notes what a page's browser complains about: errors in the console, broken policies, failed and foreign requests. */
function watch(page, complaints, origin) {
  const note = (what) => complaints.push(`${page.url()}: ${what}`);
  page.on('console', (message) => {
    // A page that answers 404 on purpose is reported by the browser as a failed load.
    if (message.type() === 'error' && !page.expectsStatus) note(`console: ${message.text()}`);
    if (message.type() === 'warning' && /Content.Security|Trusted/i.test(message.text())) note(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => note(`script: ${error.message}`));
  page.on('crash', () => note('the page crashed'));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // Streams and loads are broken off when a page is left.
    if (!/ERR_ABORTED/.test(why)) note(`request: ${request.url()} ${why}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) note(`leaves the machine: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && !page.expectsStatus) note(`${response.status()} for ${response.url()}`);
  });
}
