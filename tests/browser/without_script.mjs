// Pages as they are where scripts are off: everything can be read, and the forms work.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nothing } from './house.mjs';
import { PAGES } from './pages.mjs';

async function read({ house, found }, lang) {
  const wrong = [];
  const contexts = new Map();
  try {
    for (const one of PAGES.filter((page) => !page.needs?.includes('action') && page.role)) {
      const ids = await found.of(one.needs);
      if (!contexts.has(one.role)) contexts.set(one.role, await house.context({ role: one.role, lang, javaScriptEnabled: false }));
      const page = await contexts.get(one.role).newPage();
      page.expectsStatus = one.status;
      const answer = await page.goto(one.address(ids));
      if (answer.status() !== (one.status ?? 200)) wrong.push(`${one.name}: ${answer.status()}`);
      const text = await page.locator('main').innerText();
      if (text.trim().length < 40) wrong.push(`${one.name} says nothing: ${text}`);
      await page.close();
    }
    for (const context of contexts.values()) wrong.push(...context.complaints);
  } finally {
    for (const context of contexts.values()) await context.close();
  }
  nothing(wrong);
}

async function act({ house }) {
  const found = await house.caseOf('mail_forwarding', { withAlert: false });
  const context = await house.context({ role: 'admin_agent', javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto('/');
    await page.locator(`a[href="/cases/${found.id}"]`).first().click();
    await page.getByRole('button', { name: 'Take the case' }).click();
    await page.locator('.message.good').waitFor();
    await page.locator('details:has(form[action$="/note"]) > summary').click();
    await page.locator('form[action$="/note"] textarea').fill('Read without a script.');
    await page.locator('form[action$="/note"] button').click();
    await page.locator('.message.good').waitFor();
    // What was typed stays where the form is refused: a case can't be closed without an outcome.
    await page.locator('form[action$="/close"] textarea').fill('Kept when refused.');
    await page.locator('form[action$="/close"] button.primary').click();
    assert.equal(await page.locator('form[action$="/close"] textarea').inputValue(), 'Kept when refused.');

    await page.goto('/cases');
    await page.locator('#filter').fill('severity:low status:open');
    await page.locator('form.query button').click();
    assert.equal(new URL(page.url()).searchParams.get('filter'), 'severity:low status:open');
    await page.goto('/customers?maxpagesize=10');
    const names = await page.locator('#customers tr, tbody tr').count();
    await page.locator('.more a').click();
    assert.match(page.url(), /after=/);
    assert.ok(names === 10 && await page.locator('tbody tr').count() > 0, 'the next rows are a page of their own');
    await page.locator('#search').fill(found.tenant);
    await page.locator('#search').press('Enter');
    assert.match(page.url(), /\/(search|customers|cases)/);
    nothing(context.complaints);
  } finally {
    await context.close();
  }
}

export function tests(given) {
  test('without a script: every page can be read in English', () => read(given, 'en'));
  test('without a script: every page can be read in Swedish', () => read(given, 'sv'));
  test('without a script: forms, filter, next rows and search work', () => act(given));
}
