// The list of pages is whole: every page of the table of routes and of everybody's navigation is in it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LEFT_OUT, PAGES, ROLES } from './pages.mjs';

const SOURCES = join(import.meta.dirname, '../../crates/web/src/pages');

/** The routes that answer with a page, read from the table. */
function routes() {
  const files = readdirSync(SOURCES, { recursive: true }).filter((name) => name.endsWith('.rs'));
  const lines = files.map((name) => readFileSync(join(SOURCES, name), 'utf8')).join('\n');
  return [...lines.matchAll(/Route::(?:page\(\s*P::\w+,|open_page\()\s*"([^"]+)"/g)].map((found) => found[1]);
}

export function tests(given) {
  test('every page of the table of routes is looked at, or left out for a reason', () => {
    const known = new Set([...PAGES.map((page) => page.route), ...LEFT_OUT.keys()]);
    const all = routes();
    assert.ok(all.length > 15, 'the table of routes can be read');
    assert.deepEqual(all.filter((route) => !known.has(route)), [], 'add these to PAGES in pages.mjs');
    const gone = PAGES.map((page) => page.route).filter((route) => route && !all.includes(route));
    assert.deepEqual(gone, [], 'these are in PAGES and are no routes any more');
  });

  test('every page of the navigation is looked at, whoever it is shown to', async () => {
    const known = new Set(PAGES.map((page) => page.route));
    for (const role of ROLES) {
      const context = await given.house.context({ role });
      const page = await context.newPage();
      await page.goto('/');
      const ways = await page.locator('nav.side a').evaluateAll((links) => links.map((link) => new URL(link.href).pathname));
      assert.ok(ways.length >= 5, `${role} has a navigation`);
      assert.deepEqual(ways.filter((way) => !known.has(way)), [], `the navigation of ${role}`);
      await context.close();
    }
  });
}
