// Makes the pictures of the guide anew, from a demonstration: `npm run pictures`. The same seed gives the same customers;
// times of day differ.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { House, until } from './house.mjs';

const FOLDER = process.env.BORGEN_PICTURES ?? join(import.meta.dirname, '../../docs/guide/pictures');
/** The largest picture, in bytes. */
const MAX_BYTES = 60_000;
const QUALITIES = [80, 65, 50, 35];
const SIZE = { width: 1120, height: 700 };

/** Keeps what the window shows, as WebP, as good as fits. */
async function keep(page, name) {
  await page.evaluate(() => document.activeElement?.blur());
  const session = await page.context().newCDPSession(page);
  for (const quality of QUALITIES) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
    const bytes = Buffer.from(data, 'base64');
    if (bytes.length > MAX_BYTES) continue;
    writeFileSync(join(FOLDER, `${name}.webp`), bytes);
    console.log(`${name}: ${statSync(join(FOLDER, `${name}.webp`)).size} bytes`);
    return;
  }
  throw new Error(`${name} does not fit into ${MAX_BYTES} bytes`);
}

const said = (page) => page.locator('.message.good[role=status]');

/** Opens a page as a person, in a language, and scrolls to what matters. */
async function open(house, role, lang, address, look = async () => {}, more = {}) {
  const context = await house.context({ role, lang, ...SIZE, ...more });
  const page = await context.newPage();
  await page.goto(address);
  await look(page);
  return page;
}

async function picture(house, name, role, lang, address, look, more) {
  const page = await open(house, role, lang, address, look, more);
  await keep(page, name);
  await page.context().close();
}

const to = (selector) => async (page) => {
  await page.locator(selector).first().evaluate((element) => element.scrollIntoView({ block: 'start' }));
};

mkdirSync(FOLDER, { recursive: true });
const house = await House.open(['--customers', '60', '--seed', '7', '--speed', '60']);
try {
  await picture(house, 'sign-in', null, 'en', '/sign-in');
  const mining = await house.caseOf('gpu_burst');
  const grant = await house.caseOf('owner_takeover');
  await picture(house, 'today-en', 'admin_agent', 'en', '/');
  await picture(house, 'today-sv', 'admin_agent', 'sv', '/', undefined, { colorScheme: 'dark' });
  await picture(house, 'case-en', 'admin_agent', 'en', `/cases/${mining.id}`, async (page) => {
    await page.locator('.chart canvas').waitFor();
  });
  await picture(house, 'why-sv', 'admin_agent', 'sv', `/cases/${grant.id}`, to('section[aria-labelledby=why]'));

  const desk = await open(house, 'admin_agent', 'en', `/cases/${mining.id}`);
  await desk.locator('div[data-key=a] button').click();
  await said(desk).waitFor();
  await desk.locator('details[data-key=p] > summary').click();
  await desk.locator('details[data-key=p] textarea').fill('The customer confirmed that it is not theirs.');
  await desk.locator('details[data-key=p] button').click();
  await desk.locator('form[action$="/propose"] button.danger').waitFor();
  await keep(desk, 'propose-en');
  await desk.locator('form[action$="/propose"] button.danger').click();
  await said(desk).waitFor();
  const action = await until('the proposal', async () => (await house.ask('/actions')).value.find((one) => one.case === mining.id)?.id);
  await picture(house, 'approve-sv', 'global_administrator', 'sv', `/actions/${action}`);
  const approver = await open(house, 'global_administrator', 'en', `/actions/${action}`);
  await approver.locator('form[action$="/approve"] button').click();
  await approver.waitForURL(/\/prove/);
  await keep(approver, 'prove-en');
  await approver.locator('input[name=code]').fill(await approver.locator('p.hint code').innerText());
  await approver.locator('form[action="/prove"] button').click();
  await approver.waitForURL(/\/actions\//);
  await approver.locator('form[action$="/approve"] button').click();
  await said(approver).waitFor();
  await approver.locator('#facts .state.verified').first().waitFor({ timeout: 200_000 });
  await approver.goto(`/actions/${action}`);
  await keep(approver, 'verified-en');

  await picture(house, 'customer-sv', 'admin_agent', 'sv', `/customers/${mining.customer}`);
  await picture(house, 'cases-narrow-sv', 'admin_agent', 'sv', '/cases', undefined, { width: 390, height: 700 });
  await picture(house, 'users-en', 'user_administrator', 'en', '/users');
  await picture(house, 'audit-sv', 'global_administrator', 'sv', '/audit');
  await picture(house, 'policies-en', 'global_administrator', 'en', '/policies');
} finally {
  await house.close();
}
