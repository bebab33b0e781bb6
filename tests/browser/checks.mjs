// What is measured on a page by itself, in the page: nothing here knows which page it is.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const AXE = readFileSync(join(dirname(createRequire(import.meta.url).resolve('axe-core')), 'axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** The smallest side of a target, in CSS pixels (WCAG 2.5.8). */
const TARGET_PX = 24;

/** The keys of the texts, to see when one is shown in the place of its text. */
const LOCALES = join(import.meta.dirname, '../../crates/web/locales/en');
const KEYS = readdirSync(LOCALES).filter((name) => name.endsWith('.ftl'))
  .flatMap((name) => readFileSync(join(LOCALES, name), 'utf8').split('\n'))
  .map((line) => /^([a-z][a-z0-9-]*-[a-z0-9-]*) =/.exec(line)?.[1]).filter(Boolean);

/** Puts axe into the page through the debugger, so that the page's own policy stays in force. */
export async function bringAxe(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: AXE });
  await session.detach();
}

/** What axe finds, one line for each element. */
export async function axe(page) {
  const violations = await page.evaluate(async (tags) => {
    const found = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return found.violations.map((one) => ({
      id: one.id,
      nodes: one.nodes.map((node) => `${node.html.slice(0, 160)} ${node.any.concat(node.all).map((check) => check.message).join('; ')}`),
    }));
  }, TAGS);
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 4).map((node) => `axe ${id}: ${node}`));
}

/** How far the page reaches beyond its window, in CSS pixels, and what reaches there. */
export async function overflow(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    const beyond = root.scrollWidth - root.clientWidth;
    if (beyond <= 0) return [];
    const within = (element) => { for (let one = element; one; one = one.parentElement) { if (/auto|scroll|hidden/.test(getComputedStyle(one).overflowX)) return true; } return false; };
    const widest = Array.from(document.body.querySelectorAll('*'))
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
      .sort((a, b) => within(a) - within(b)).slice(0, 3).map((element) => element.outerHTML.slice(0, 120));
    return [`scrolls ${beyond} px sideways: ${widest.join(' | ')}`];
  });
}

/** Tables that are wider than their place, so that their last columns are cut off, in CSS pixels. */
export async function cutTables(page) {
  return page.evaluate(() => Array.from(document.querySelectorAll('.scroll'))
    .filter((place) => place.checkVisibility() && place.scrollWidth > place.clientWidth)
    .map((place) => `a table of ${place.scrollWidth} px in a place of ${place.clientWidth}: ${place.innerHTML.slice(0, 120)}`));
}

/** What is wrong with the page whatever its size and colours are. */
export async function always(page, lang, demo = true) {
  return page.evaluate(({ lang, demo, keys }) => {
    const wrong = [];
    const all = (selector) => Array.from(document.querySelectorAll(selector));
    const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    if (document.documentElement.lang !== lang) wrong.push(`lang is ${document.documentElement.lang}, not ${lang}`);
    if (!/\S · Borgen$/.test(document.title)) wrong.push(`title: ${document.title}`);
    if (all('h1').filter(shown).length !== 1) wrong.push(`${all('h1').length} h1`);
    if (all('main').length !== 1) wrong.push('no single main');
    if (demo && !document.querySelector('.demo')) wrong.push('does not say that the data are made up');
    for (const element of all('[style]')) if (!element.closest('.uplot')) wrong.push(`style attribute: ${element.outerHTML.slice(0, 100)}`);
    for (const element of all('[tabindex]')) if (element.tabIndex > 0) wrong.push(`order of its own: ${element.outerHTML.slice(0, 100)}`);
    // Colour never alone: severities and states have a word.
    for (const badge of all('.badge, .state')) if (!/[\p{L}]{2}/u.test(badge.textContent)) wrong.push(`colour without a word: ${badge.outerHTML.slice(0, 100)}`);
    // A drawing has its numbers in a table.
    for (const chart of all('[data-chart]')) {
      const table = document.getElementById(chart.dataset.chart);
      if (!table || table.tagName !== 'TABLE' || chart.getAttribute('aria-hidden') !== 'true') wrong.push('a chart without its table');
    }
    // What changes by itself is polite; only what was refused interrupts.
    for (const live of all('[aria-live=assertive], [role=alert]')) if (!live.matches('.message.bad, .error')) wrong.push(`interrupts: ${live.outerHTML.slice(0, 100)}`);
    for (const part of all('[hx-get]')) if (part.hasAttribute('aria-live') && part.getAttribute('aria-live') !== 'off') wrong.push('a live part reads itself out as a whole');
    for (const times of all('time')) if (!times.dateTime) wrong.push(`a time without datetime: ${times.outerHTML.slice(0, 80)}`);
    const known = new Set(keys);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (known.has(node.data.trim()) && !node.parentElement.closest('code, pre, script')) wrong.push(`a key instead of a text: ${node.data.trim()}`);
    }
    return wrong;
  }, { lang, demo, keys: KEYS });
}

/** Targets that are too small to hit (2.5.8); links inside sentences and what the browser draws itself are excepted. */
export async function smallTargets(page) {
  return page.evaluate((least) => {
    const wrong = [];
    const inSentence = (element) => {
      if (element.tagName !== 'A' || getComputedStyle(element).display !== 'inline') return false;
      const text = Array.from(element.parentElement.childNodes).filter((node) => node !== element).map((node) => node.textContent).join('');
      return /\p{L}{2}/u.test(text) || element.closest('p, li, td, h1, h2, dd') !== null;
    };
    for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      if (!element.checkVisibility({ visibilityProperty: true })) continue;
      const label = element.closest('label');
      const box = (label && element.matches('[type=checkbox], [type=radio]') ? label : element).getBoundingClientRect();
      if (box.width === 0 || inSentence(element) || element.matches('.skip, .hidden')) continue;
      if (box.width < least || box.height < least) wrong.push(`target ${Math.round(box.width)}×${Math.round(box.height)}: ${element.outerHTML.slice(0, 100)}`);
    }
    return wrong;
  }, TARGET_PX);
}
