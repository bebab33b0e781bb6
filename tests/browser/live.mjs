// What an open page learns by itself: an alert of Microsoft's becomes a row on it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nothing, until } from './house.mjs';

/** The longest way from Microsoft to the open page that passes; the figure wanted is two seconds (`bench/README.md`). */
const MAX_TO_ROW_MS = 10_000;
const MAX_WAIT_MS = 30_000;
const ALERTS = 3;

/** Raises alerts at customers without a case, and times each until its row stands on the open page. */
export async function timesToRow(house, alerts) {
  const { customers } = await house.control('GET', '/sandbox/customers?limit=1000');
  const { stories } = await house.control('GET', '/sandbox/stories');
  const told = new Set(stories.map((story) => story.customer));
  // An alert that joins a case has its row already.
  const { value: cases } = await house.ask('/cases?maxpagesize=1000');
  for (const { customer } of cases) told.add((await house.ask(`/customers/${customer}`)).tenant);
  const free = customers.filter((one) => !told.has(one.tenant) && one.entitlements.some((azure) => azure.status === 'active'));
  const context = await house.context({ role: 'admin_agent' });
  const times = [];
  try {
    const page = await context.newPage();
    await page.goto('/');
    for (const customer of free.slice(0, alerts)) {
      const subscription = customer.entitlements.find((azure) => azure.status === 'active').id;
      const name = customer.name;
      const seen = page.evaluate((wanted) => new Promise((go) => {
        const look = () => {
          const there = Array.from(document.querySelectorAll('[data-row]')).some((row) => row.textContent.includes(wanted));
          if (there) go(Date.now()); else requestAnimationFrame(look);
        };
        look();
      }), name);
      // Should raising fail, that is what is told, and not that the page was closed.
      seen.catch(() => {});
      const raised = Date.now();
      await house.control('POST', '/sandbox/alerts', { subscription, severity: 'high' });
      const late = setTimeout(() => page.close(), MAX_WAIT_MS);
      times.push(await seen.catch(() => { throw new Error(`the alert at ${name} made no row within ${MAX_WAIT_MS} ms`); }) - raised);
      clearTimeout(late);
    }
    nothing(context.complaints);
  } finally {
    await context.close();
  }
  return times;
}

/** How much later than the one before it each file of a page comes. */
const LATER_MS = 400;
/** The longest wait for a page that has tried in vain: its own pause and what a slow machine adds. */
const MAX_AGAIN_MS = 40_000;

/** Opens Today with a route laid over some of its requests; complaints about these are expected. */
async function today(house, laid, look) {
  const context = await house.context({ role: 'admin_agent' });
  try {
    const page = await context.newPage();
    page.expectsStatus = 503;
    await laid(context, page);
    await page.goto('/');
    await look(page, context);
  } finally {
    await context.close();
  }
}

const opened = (page) => page.evaluate(() => Boolean(document.querySelector('#now-live')?._htmx?.sse));
const problem = { status: 503, contentType: 'text/html', headers: { 'retry-after': '1' }, body: '<main><h1>Busy</h1></main>' };

/** The order and the time in which the files of a page come is the network's affair. */
async function lateFiles({ house }) {
  let files = 0;
  const late = (context) => context.route('**/assets/**', async (route) => {
    files += 1;
    await new Promise((go) => setTimeout(go, files * LATER_MS));
    await route.continue();
  });
  await today(house, late, async (page) => {
    await until('the stream of a page whose files came late', () => opened(page));
    assert.ok(files > 1, 'files were held back');
  });
}

async function refusedStream({ house }) {
  let refused = 0;
  const refuse = (context) => context.route('**/live?*', (route) => {
    refused += 1;
    return refused === 1 ? route.fulfill(problem) : route.continue();
  });
  await today(house, refuse, async (page) => {
    await until('the word that it is not live', async () => (await page.locator('#now-live > .lost').textContent()).includes('lost its connection'));
    await until('another stream', () => opened(page), MAX_AGAIN_MS);
    await until('no such word any more', async () => (await page.locator('#now-live > .lost').textContent()) === '');
    assert.equal(refused, 2);
  });
}

async function refusedPart({ house }) {
  let refusing = false;
  let refused = 0;
  const refuse = (context) => context.route((url) => url.pathname === '/', (route) => {
    if (!refusing || !route.request().headers()['hx-request']) return route.continue();
    refused += 1;
    return route.fulfill(problem);
  });
  await today(house, refuse, async (page) => {
    await until('a row', () => page.locator('[data-row]').count());
    await until('a stream', () => opened(page));
    const rows = () => page.locator('[data-row]').count();
    const before = await rows();
    refusing = true;
    await page.evaluate(() => window.htmx.trigger('#now-live', 'news'));
    await until('a refused part', () => refused > 0);
    await until('the word that it is not live', async () => (await page.locator('#now-live > .lost').textContent()) !== '');
    assert.ok(await rows() >= before, 'what stood there stays');
    refusing = false;
    await until('no such word any more', async () => (await page.locator('#now-live > .lost').textContent()) === '', MAX_AGAIN_MS);
    assert.ok(await rows() > 0);
  });
}

export function tests(given) {
  test('a page is live however late its files come', () => lateFiles(given));
  test('a page whose stream was refused says so and opens another', () => refusedStream(given));
  test('a refused part leaves what stood there, and is asked for again', () => refusedPart(given));
  test('an alert of Microsoft’s becomes a row on an open page', async (t) => {
    const times = await timesToRow(given.house, ALERTS);
    t.diagnostic(`alert at Microsoft to row: ${times.join(', ')} ms`);
    assert.equal(times.length, ALERTS);
    assert.ok(Math.max(...times) < MAX_TO_ROW_MS, `${times} ms`);
  });
}
