// What no tool finds by itself: where the focus is and goes, zoom and spacing of text, motion, keys that can be switched
// off, doors without puzzles, what is read out.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { overflow } from './checks.mjs';
import { PATIENCE_MS, nothing, until } from './house.mjs';
import { PAGES } from './pages.mjs';

/** The most stops of Tab that are looked at on one page. */
const MAX_STOPS = 40;
const WITH_PEOPLE = PAGES.filter((page) => page.role && !page.needs?.includes('action'));

/** Opens a page of the list; the browser is closed afterwards, and must not have complained. */
async function on({ house, found }, one, options, look) {
  const ids = await found.of(one.needs);
  const context = await house.context({ role: one.role, ...options });
  try {
    const page = await context.newPage();
    page.expectsStatus = one.status;
    await page.goto(one.address(ids), { waitUntil: 'load' });
    const wrong = await look(page) ?? [];
    return [...wrong, ...context.complaints].map((what) => `${one.name}: ${what}`);
  } finally {
    await context.close();
  }
}

const named = (name) => PAGES.find((page) => page.name === name);

/** What is wrong at this stop of Tab: unseen, hidden under another, without an outline, out of the order of the page. */
function stop() {
  const element = document.activeElement;
  if (!element || element === document.body || (window.lastStop && element.matches('.skip'))) return { end: true };
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const told = element.outerHTML.slice(0, 100);
  const before = window.lastStop;
  window.lastStop = element;
  if (before?.isConnected && before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) return { wrong: `out of order: ${told}` };
  if (style.outlineStyle === 'none' || Number.parseFloat(style.outlineWidth) < 2) return { wrong: `no outline: ${told}` };
  if (box.width === 0 || box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) return { wrong: `out of sight: ${told}` };
  const inside = (value, end) => Math.min(Math.max(value, 1), end - 1);
  const top = document.elementFromPoint(inside(box.left + box.width / 2, innerWidth), inside(box.top + Math.min(box.height / 2, 12), innerHeight));
  const covered = top && !element.contains(top) && !top.contains(element) && !top.closest('label')?.contains(element);
  return { wrong: covered ? `under something else: ${told}` : null };
}

async function focusVisible(given) {
  const wrong = [];
  for (const one of [named('sign-in'), ...WITH_PEOPLE]) {
    wrong.push(...await on(given, one, { width: 1000, height: 500 }, async (page) => {
      const bad = [];
      for (let stops = 0; stops < MAX_STOPS; stops += 1) {
        await page.keyboard.press('Tab');
        const seen = await page.evaluate(stop);
        // At the end of the page the focus goes to the browser, or begins anew.
        if (seen.end) break;
        if (seen.wrong) bad.push(seen.wrong);
      }
      return bad;
    }));
  }
  nothing(wrong);
}

async function skipAndReturn(given) {
  nothing(await on(given, named('today'), {}, async (page) => {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.matches('a.skip')), 'the first stop skips to the main part');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('main')), 'the next stop is inside it');
    // A dialog gives the focus back to where it was.
    const before = await page.evaluate(() => { document.activeElement.id ||= 'was-here'; return document.activeElement.id; });
    await page.keyboard.press('?');
    assert.ok(await page.evaluate(() => document.activeElement.closest('dialog#keys[open]')), 'the focus is in the dialog');
    for (let stops = 0; stops < 5; stops += 1) {
      await page.keyboard.press('Tab');
      assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog')), 'and stays in it');
    }
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.id), before);
    await page.keyboard.press('Control+k');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
  }));
}

async function focusSurvivesNews(given) {
  const { house } = given;
  nothing(await on(given, named('today'), {}, async (page) => {
    await until('a row', () => page.locator('[data-row] a.name').count());
    await page.keyboard.press('j');
    const place = () => page.evaluate(() => `${document.activeElement.tagName} ${document.activeElement.getAttribute('href')}`);
    const before = await place();
    const swapped = page.evaluate((limit) => new Promise((go, fail) => {
      document.addEventListener('htmx:after:swap', () => go(true), { once: true });
      setTimeout(() => fail(new Error(`no news came within ${limit} ms`)), limit);
    }), PATIENCE_MS);
    // Should the other page fail first, that is what is told.
    swapped.catch(() => {});
    const context = await house.context({ role: 'admin_agent' });
    const other = await context.newPage();
    await other.goto('/cases');
    await other.locator('a[href^="/cases/"]').first().click();
    await other.locator('form[action$="/note"] textarea').evaluate((area) => { area.closest('details').open = true; });
    await other.locator('form[action$="/note"] textarea').fill('News for who looks at Today.');
    await other.locator('form[action$="/note"] button').click();
    await other.locator('.message.good').waitFor();
    await context.close();
    assert.ok(await swapped, 'the part was fetched anew');
    assert.equal(await place(), before, 'the focus stayed where it was');
  }));
}

async function zoomAndSpacing(given) {
  const wrong = [];
  const clipped = (page) => page.evaluate(() => Array.from(document.querySelectorAll('main *, nav *'))
    .filter((one) => one.childElementCount === 0 && one.textContent.trim() && one.checkVisibility() && !one.closest('.hidden, table.cards thead'))
    .filter((one) => getComputedStyle(one).overflow === 'hidden' && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1))
    .map((one) => `cut off: ${one.outerHTML.slice(0, 100)}`));
  for (const one of WITH_PEOPLE) {
    // 1,280 pixels at 200 % are 640; then the spacing of 1.4.12 at the smallest width.
    wrong.push(...await on(given, one, { lang: 'sv', width: 640, height: 400 }, async (page) => {
      const bad = [...await overflow(page), ...await clipped(page)].map((what) => `zoom: ${what}`);
      await page.evaluate(() => {
        const sheet = Array.from(document.styleSheets).find((known) => known.href?.includes('app.css'));
        sheet.insertRule('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }', sheet.cssRules.length);
        sheet.insertRule('p { margin-bottom: 2em !important; }', sheet.cssRules.length);
      });
      await page.setViewportSize({ width: 320, height: 800 });
      bad.push(...[...await overflow(page), ...await clipped(page)].map((what) => `text spaced out: ${what}`));
      return bad;
    }));
  }
  nothing(wrong);
}

async function motionAndColours(given) {
  const wrong = [];
  for (const one of [named('today'), named('case'), named('cases')]) {
    wrong.push(...await on(given, one, { reducedMotion: 'reduce', forcedColors: 'active' }, (page) => page.evaluate(() => {
      const bad = [];
      for (const element of document.querySelectorAll('*')) {
        const style = getComputedStyle(element);
        if (style.transitionDuration.split(', ').some((time) => Number.parseFloat(time) > 0) || style.animationName !== 'none') bad.push(`moves: ${element.outerHTML.slice(0, 80)}`);
      }
      if (getComputedStyle(document.documentElement).scrollBehavior === 'smooth') bad.push('scrolls smoothly');
      for (const badge of document.querySelectorAll('.badge, .state, button, .card')) {
        if (badge.checkVisibility() && getComputedStyle(badge).borderTopStyle === 'none') bad.push(`no edge in forced colours: ${badge.outerHTML.slice(0, 80)}`);
      }
      return bad;
    })));
  }
  nothing(wrong);
}

// What somebody chooses stays with them, so this person looks at no other page of the tests.
async function keysCanBeOff(given) {
  const { house } = given;
  const context = await house.context({ role: 'billing_administrator' });
  try {
    const page = await context.newPage();
    await page.goto('/cases');
    await until('a row', async () => { if (await page.locator('[data-row]').count()) return true; await page.reload(); return false; }, 180_000);
    const choose = async (name, value) => {
      await page.locator('details.menu > summary').click();
      await page.locator(`button[name="${name}"][value="${value}"]`).click();
      await page.waitForLoadState('load');
    };
    const moves = async () => {
      await page.keyboard.press('j');
      return page.locator('[data-current]').count();
    };
    assert.equal(await moves(), 1, 'j moves');
    await choose('keys', 'off');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.keys), 'off');
    assert.equal(await moves(), 0, 'switched off, j is a letter');
    await choose('keys', 'on');
    assert.equal(await moves(), 1, 'and on again');
    // Each language is named in itself and marked as such.
    assert.equal(await page.locator('button[name=language][value=sv]').getAttribute('lang'), 'sv');
    await choose('language', 'sv');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'sv');
    await choose('theme', 'dark');
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await choose('theme', 'system');
    await choose('language', 'en');
    nothing(context.complaints);
  } finally {
    await context.close();
  }
}

async function doors(given) {
  nothing(await on(given, named('sign-in'), {}, async (page) => {
    const fills = await page.locator('form[action="/sign-in"] input:not([type=hidden])').evaluateAll((fields) => fields.map((field) => field.autocomplete));
    assert.deepEqual(fills, ['username', 'current-password', 'one-time-code'], 'password managers can fill it in');
    for (const name of ['password', 'code']) {
      const taken = await page.locator(`input[name=${name}]`).evaluate((field) => {
        field.focus();
        const pasting = new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: new DataTransfer() });
        return field.dispatchEvent(pasting);
      });
      assert.ok(taken, `pasting into ${name} is not stopped`);
    }
    assert.equal(await page.locator('img, canvas, iframe').count(), 0, 'no puzzle');
    // A refusal interrupts, names no field that is right, and keeps the name.
    page.expectsStatus = 401;
    await page.fill('input[name=name]', 'nobody');
    await page.fill('input[name=password]', 'wrong password here');
    await page.fill('input[name=code]', '000000');
    await page.locator('form[action="/sign-in"] button').click();
    await page.locator('[role=alert]').waitFor();
    assert.equal(await page.inputValue('input[name=name]'), 'nobody');
    assert.equal(await page.inputValue('input[name=password]'), '');
  }));
}

export function tests(given) {
  test('the focus is seen at every stop, and goes in the order of the page', () => focusVisible(given));
  test('the first stop skips, a dialog holds the focus and gives it back', () => skipAndReturn(given));
  test('news do not move the focus', () => focusSurvivesNews(given));
  test('nothing is lost at 200 %, or with text spaced out', () => zoomAndSpacing(given));
  test('nothing moves where motion is unwanted, and edges stay in forced colours', () => motionAndColours(given));
  test('keys, language and theme are chosen by the reader', () => keysCanBeOff(given));
  test('the door has no puzzle: filled in, pasted into, refused in words', () => doors(given));
}
