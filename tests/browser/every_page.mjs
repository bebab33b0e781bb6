// Every page in both languages, in light, dark, forced and stronger colours, from 320 to 1,400 pixels: axe finds nothing,
// nothing scrolls sideways, no table is cut off, the browser complains about nothing, and the first load is small.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { always, axe, bringAxe, cutTables, overflow, smallTargets } from './checks.mjs';
import { nothing, shots } from './house.mjs';
import { PAGES } from './pages.mjs';

const COLOURS = {
  light: { colorScheme: 'light', forcedColors: 'none', contrast: 'no-preference' },
  dark: { colorScheme: 'dark', forcedColors: 'none', contrast: 'no-preference' },
  forced: { colorScheme: 'dark', forcedColors: 'active', contrast: 'no-preference' },
  'strong light': { colorScheme: 'light', forcedColors: 'none', contrast: 'more' },
  'strong dark': { colorScheme: 'dark', forcedColors: 'none', contrast: 'more' },
};
/**
 * What axe looks at: ten combinations of language and colours for each page, so that every page meets all five colours in
 * both languages. Each is at one width, and the widths differ between the languages: of the thirty that language, colours
 * and width make, axe sees these ten. How wide things are (nothing scrolls sideways, targets) is measured at all widths.
 */
const VARIANTS = {
  en: [['light', 1400], ['dark', 390], ['forced', 320], ['strong light', 390], ['strong dark', 1400]],
  sv: [['light', 320], ['dark', 1400], ['forced', 390], ['strong light', 1400], ['strong dark', 320]],
};
const WIDTHS = [320, 390, 1400];
/** Where tables are measured as well: with and without the navigation beside them. */
const TABLE_WIDTHS = [640, 800, 1024, 1100, 1280];
const HEIGHT = 900;
/** How long a picture may take, and how often one is tried. */
const PICTURE_MS = 20_000;
const PICTURE_TRIES = 3;
/** The rows of a list whose folded parts are opened. */
const OPENED_ROWS = 5;
/** The most bytes of a first load over the wire: the page and all that it loads. */
const MAX_FIRST_LOAD_BYTES = 100_000;

/** Counts the bytes that come over the wire, as the browser's own network tab does. */
async function countBytes(page) {
  const session = await page.context().newCDPSession(page);
  const counted = { bytes: 0 };
  await session.send('Network.enable');
  session.on('Network.loadingFinished', ({ encodedDataLength }) => { counted.bytes += encodedDataLength; });
  return counted;
}

async function look(given, one, lang) {
  const { house } = given;
  const ids = await given.found.of(one.needs);
  const context = await house.context({ role: one.role, lang, colorScheme: 'light', reducedMotion: 'reduce' });
  try {
    const page = await context.newPage();
    page.expectsStatus = one.status;
    const wire = await countBytes(page);
    const answer = await page.goto(one.address(ids), { waitUntil: 'load' });
    const wrong = [];
    if (answer.status() !== (one.status ?? 200)) wrong.push(`status ${answer.status()}`);
    if (wire.bytes > MAX_FIRST_LOAD_BYTES) wrong.push(`first load of ${wire.bytes} bytes`);
    wrong.push(...await always(page, lang));
    await bringAxe(page);
    // What is folded away is looked at as well: it is read once somebody opens it. The rows of a list are alike.
    await page.evaluate((rows) => {
      const folded = Array.from(document.querySelectorAll('details'));
      const inRows = folded.filter((one) => one.closest('tbody'));
      folded.filter((one) => inRows.indexOf(one) < rows).forEach((one) => { one.open = true; });
    }, OPENED_ROWS);
    for (const [colours, width] of VARIANTS[lang]) {
      await page.emulateMedia(COLOURS[colours]);
      await page.setViewportSize({ width, height: HEIGHT });
      wrong.push(...(await axe(page)).map((what) => `${colours} ${width}: ${what}`));
    }
    await page.emulateMedia(COLOURS.light);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      wrong.push(...(await overflow(page)).map((what) => `${width}: ${what}`));
      wrong.push(...(await smallTargets(page)).map((what) => `${width}: ${what}`));
      wrong.push(...(await cutTables(page)).map((what) => `${width}: ${what}`));
    }
    for (const width of TABLE_WIDTHS) {
      await page.setViewportSize({ width, height: HEIGHT });
      wrong.push(...(await cutTables(page)).map((what) => `${width}: ${what}`));
    }
    await page.evaluate(() => document.querySelectorAll('details.menu').forEach((one) => { one.open = false; }));
    await picture(page, `${one.name}-${lang}.png`);
    await page.setViewportSize({ width: 320, height: HEIGHT });
    await page.emulateMedia(COLOURS.dark);
    await picture(page, `${one.name}-${lang}-narrow-dark.png`);
    return [...wrong, ...context.complaints];
  } finally {
    await context.close();
  }
}

/** Keeps what the page shows, for people to look at. Chromium forgets to draw it now and then: then it is asked again. */
async function picture(page, name) {
  for (let tries = 1; ; tries += 1) {
    try {
      await page.screenshot({ path: join(shots(), name), fullPage: true, timeout: PICTURE_MS });
      return;
    } catch (error) {
      if (tries >= PICTURE_TRIES) throw error;
      console.log(`${name}: ${error.message.split('\n')[0]} It is taken anew.`);
    }
  }
}

/** The colours of a page, by the names that its parts use. */
async function named(page) {
  return page.evaluate(() => {
    const names = new Set(Array.from(document.styleSheets).flatMap((sheet) => Array.from(sheet.cssRules))
      .flatMap((rule) => [rule, ...(rule.cssRules ?? [])]).flatMap((rule) => Array.from(rule.style ?? [])).filter((name) => name.startsWith('--')));
    const of = (element) => Object.fromEntries([...names].map((name) => [name, getComputedStyle(element).getPropertyValue(name).trim()]));
    return { page: of(document.documentElement), button: of(document.querySelector('button.primary, .button.primary') ?? document.body) };
  });
}

/** A theme that somebody chose is the one that the system asks for otherwise: so axe need not look at it again. */
async function chosenIsTheSame({ house }) {
  const context = await house.context({ role: 'admin_agent' });
  try {
    const page = await context.newPage();
    await page.goto('/');
    const choose = (theme) => page.evaluate((word) => { document.documentElement.dataset.theme = word; }, theme);
    for (const contrast of ['no-preference', 'more']) {
      for (const [theme, other] of [['light', 'dark'], ['dark', 'light']]) {
        await page.emulateMedia({ colorScheme: theme, contrast });
        await choose('system');
        const asked = await named(page);
        assert.ok(Object.keys(asked.page).length > 10, 'the colours have names');
        await page.emulateMedia({ colorScheme: other, contrast });
        await choose(theme);
        assert.deepEqual(await named(page), asked, `${theme}, contrast ${contrast}`);
      }
    }
  } finally {
    await context.close();
  }
}

export function tests(given) {
  test('a chosen theme has the colours of the system’s', () => chosenIsTheSame(given));
  for (const one of [...PAGES].sort((a, b) => (a.needs?.length ?? 0) - (b.needs?.length ?? 0))) {
    for (const lang of ['en', 'sv']) {
      test(`${one.name} in ${lang}`, async () => nothing(await look(given, one, lang)));
    }
  }
}
