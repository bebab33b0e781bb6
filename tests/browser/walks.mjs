// The main job as people do it: sign in, answer the alert, see why, propose, approve as another, see it verified. Once
// in English with the mouse, once in Swedish with nothing but the keyboard.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { nothing, until } from './house.mjs';

/** The longest wait for Microsoft to be told and read back, at the story's speed. */
const CARRIED_OUT_MS = 150_000;
/** The most times that Tab is pressed on the way to something. */
const MAX_TABS = 200;

/** A page on which nothing is done but pressing keys. */
class Keyboard {
  constructor(page) {
    this.page = page;
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  /** Goes on with Tab until what has the focus matches. */
  async tabTo(selector) {
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      if (await this.page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await this.press('Tab');
    }
    throw new Error(`${selector} is not reached by Tab on ${this.page.url()}`);
  }

  /** Presses Enter on what has the focus, and waits for the page that it leads to. */
  async enter() {
    await this.leave(() => this.press('Enter'));
  }

  async leave(how) {
    const gone = this.page.waitForEvent('framenavigated', (frame) => frame === this.page.mainFrame());
    await how();
    await gone;
    await this.page.waitForLoadState('load');
  }

  /** Goes from row to row with `j` until it stands on one. */
  async standOn(row) {
    await until(`the row ${row}`, () => this.page.locator(`[id="${row}"]`).count());
    for (let steps = 0; steps < MAX_TABS; steps += 1) {
      await this.press('j');
      if (await this.page.evaluate((id) => document.querySelector('[data-current]')?.id === id, row)) return;
    }
    throw new Error(`${row} is not reached by j`);
  }

  async signIn(role) {
    await this.page.goto('/sign-in');
    await this.tabTo(`form[action="/demo/sign-in/${role}"] button`);
    await this.enter();
  }
}

/** What was just done, as the page says it. */
const said = (page) => page.locator('.message.good[role=status]');

/** Waits until the case's alerts are so at Microsoft, by Borgen's own reading. */
async function alertsAre(house, id, status) {
  await until(`the alerts of the case as ${status}`, async () => {
    const { alerts } = await house.ask(`/cases/${id}`);
    const now = await Promise.all(alerts.map((alert) => house.ask(`/alerts/${encodeURIComponent(alert.id)}`)));
    if (now.length > 0 && now.every((alert) => alert.status === status)) return true;
    throw new Error(now.map((alert) => alert.status).join(', '));
  });
}

/** Waits until every step of an action was read back, and says where it stands when that does not come about. */
async function carriedOut(house, id) {
  await until('the verified action', async () => {
    const action = await house.ask(`/actions/${id}`);
    if (action.status === 'verified') return true;
    throw new Error(`${action.status}: ${action.steps.map((step) => `${step.kind} ${step.state}`).join(', ')}`);
  }, CARRIED_OUT_MS);
}

async function byMouse({ house }) {
  const desk = await house.context({ lang: 'en' });
  const approving = await house.context({ lang: 'en', role: 'global_administrator' });
  try {
    const page = await desk.newPage();
    await page.goto('/sign-in');
    await page.click('form[action="/demo/sign-in/admin_agent"] button');
    // Today was open before anything happened: the case comes to it by itself.
    const found = await house.caseOf('gpu_burst');
    await page.locator(`#case-${found.id} a.name`).click();
    await page.getByRole('button', { name: 'Take the case' }).click();
    await said(page).waitFor();
    await alertsAre(house, found.id, 'investigating');
    await page.locator('#facts .state.investigating').first().waitFor();

    // Why: the rule by its title, and the policy that it was decided under.
    const why = page.locator('section[aria-labelledby=why]');
    assert.match(await why.innerText(), /GPU|machine/i);
    assert.match(await why.innerText(), /policy/i);

    await page.locator('details[data-key=p] > summary').click();
    await page.getByLabel('Reason for the approver').fill('The customer confirmed that it is not theirs.');
    await page.getByRole('button', { name: 'Show what it would touch' }).click();
    await page.locator('form[action$="/propose"] button.danger').click();
    await said(page).waitFor();
    const action = await until('the proposal', async () => (await house.ask('/actions')).value.find((one) => one.case === found.id)?.id);

    const approver = await approving.newPage();
    await approver.goto(`/actions/${action}`);
    await approver.locator('form[action$="/approve"] button').click();
    await approver.waitForURL(/\/prove/);
    await approver.locator('input[name=code]').fill(await approver.locator('p.hint code').innerText());
    await approver.locator('form[action="/prove"] button').click();
    await approver.waitForURL(/\/actions\//);
    await approver.locator('form[action$="/approve"] button').click();
    await said(approver).waitFor();

    // Verified is seen on a page that stays open.
    await page.goto(`/actions/${action}`);
    await carriedOut(house, action);
    await page.locator('#facts .state.verified').first().waitFor();
    await page.goto(`/cases/${found.id}`);
    await page.locator('input[name=outcome][value=fraud]').check();
    await page.getByRole('button', { name: 'Close the case' }).click();
    await said(page).waitFor();
    await alertsAre(house, found.id, 'resolved');
    const { customers } = await house.control('GET', '/sandbox/customers?limit=1000');
    const truth = customers.find((customer) => customer.tenant === found.tenant);
    assert.ok(truth.plan_suspended ?? truth.planSuspended, 'Microsoft has suspended the plan');
    nothing([...desk.complaints, ...approving.complaints]);
  } finally {
    await desk.close();
    await approving.close();
  }
}

async function byKeyboard({ house }) {
  const desk = await house.context({ lang: 'sv' });
  const approving = await house.context({ lang: 'sv' });
  try {
    const page = await desk.newPage();
    const keys = new Keyboard(page);
    await keys.signIn('admin_agent');
    assert.equal(await page.locator('h1').innerText(), 'I dag');
    const found = await house.caseOf('owner_takeover');
    await keys.standOn(`case-${found.id}`);
    await keys.enter();
    await page.waitForURL(`**/cases/${found.id}`);
    await keys.leave(() => keys.press('a'));
    await said(page).waitFor();
    await alertsAre(house, found.id, 'investigating');
    assert.match(await page.locator('section[aria-labelledby=why]').innerText(), /regel|brinner|kostar|ägare/i);

    await keys.press('p');
    await keys.tabTo('details[data-key=p] textarea');
    await keys.type('Kunden känner inte till det.');
    await keys.tabTo('details[data-key=p] button');
    await keys.enter();
    await keys.tabTo('form[action$="/propose"] button.danger');
    await keys.enter();
    await said(page).waitFor();
    const action = await until('the proposal', async () => (await house.ask('/actions')).value.find((one) => one.case === found.id)?.id);

    const approver = await approving.newPage();
    const other = new Keyboard(approver);
    await other.signIn('global_administrator');
    await other.tabTo('nav.side a[href="/actions"]');
    await other.enter();
    await other.tabTo(`a[href="/actions/${action}"]`);
    await other.enter();
    await other.tabTo('form[action$="/approve"] button');
    await other.enter();
    await approver.waitForURL(/\/prove/);
    const code = await approver.locator('p.hint code').innerText();
    await other.tabTo('input[name=code]');
    await other.type(code);
    await other.enter();
    await approver.waitForURL(/\/actions\//);
    await other.tabTo('form[action$="/approve"] button');
    await other.enter();
    await said(approver).waitFor();

    await keys.leave(() => keys.press('g', 't'));
    await page.waitForURL(`${house.url}/`);
    await carriedOut(house, action);
    await approver.locator('#facts .state.verified').first().waitFor();
    nothing([...desk.complaints, ...approving.complaints]);
  } finally {
    await desk.close();
    await approving.close();
  }
}

export function tests(given) {
  test('from the alert to the verified stop, in English with the mouse', () => byMouse(given));
  test('from the alert to the verified stop, in Swedish with the keyboard alone', () => byKeyboard(given));
}
