// Many cases at once: the choice of every case that matches, by keyboard alone and without a script, up to the page that
// says with how many it can be done. Nothing is carried out, since other tests work on the same cases.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nothing } from './house.mjs';

const CAN = { en: /(\d+) of (\d+) can be done/, sv: /(\d+) av (\d+) går att göra/ };

/** How many open cases the reader sees. */
const open = async (house) => (await house.ask('/cases?filter=status:open&maxpagesize=1000', 'adminAgent')).value.length;

async function reviewed(page, lang, house) {
  const text = await page.locator('main').innerText();
  const [, can, all] = CAN[lang].exec(text) ?? assert.fail(text);
  assert.ok(Number(can) <= Number(all));
  assert.ok(Number(all) > 1, 'more than the one row of the page');
  assert.equal(await page.locator('main input[name=case]').count(), Number(can), 'what can be done is what is sent on');
  assert.ok(Math.abs(Number(all) - await open(house)) <= 1, 'as many as match, though one may come meanwhile');
}

async function byKeyboard({ house }) {
  await house.caseOf('gpu_burst');
  await house.caseOf('mail_forwarding', { withAlert: false });
  const context = await house.context({ role: 'admin_agent', lang: 'sv' });
  try {
    const page = await context.newPage();
    await page.goto('/cases?filter=status%3Aopen&maxpagesize=1');
    for (const key of ['j', 'x', 'm']) await page.keyboard.press(key);
    const choice = page.locator('input[name=matching]');
    await choice.waitFor();
    assert.ok(await choice.evaluate((box) => box === document.activeElement), 'the key leads to the choice');
    await page.keyboard.press('Space');
    assert.ok(await choice.isChecked());
    await page.keyboard.press('a');
    await page.waitForURL(/\/cases\/many/);
    await reviewed(page, 'sv', house);
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/cases\?/);
    nothing(context.complaints);
  } finally {
    await context.close();
  }
}

async function withoutScript({ house }) {
  await house.caseOf('gpu_burst');
  await house.caseOf('mail_forwarding', { withAlert: false });
  const context = await house.context({ role: 'admin_agent', lang: 'en', javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto('/cases?filter=status%3Aopen&maxpagesize=1');
    await page.locator('input[name=matching]').check();
    await page.locator('button[name=verb][value=duplicate]').click();
    await reviewed(page, 'en', house);
    await page.locator('main a[data-back]').click();
    assert.match(page.url(), /\/cases\?/);
    nothing(context.complaints);
  } finally {
    await context.close();
  }
}

export function tests(given) {
  test('every case that matches is chosen by keyboard alone', () => byKeyboard(given));
  test('every case that matches is chosen without a script', () => withoutScript(given));
}
