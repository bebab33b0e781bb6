// Every browser test, against one demonstration. They run beside each other, since most of a walk is waiting for the
// story; the order only says what begins first.
import { after, before, suite } from 'node:test';
import { House } from './house.mjs';
import { Found } from './found.mjs';
import * as byHand from './by_hand.mjs';
import * as everyPage from './every_page.mjs';
import * as listed from './listed.mjs';
import * as live from './live.mjs';
import * as many from './many.mjs';
import * as walks from './walks.mjs';
import * as withoutScript from './without_script.mjs';

const given = {};

before(async () => {
  given.house = await House.open();
  given.found = new Found(given.house);
});
after(async () => given.house?.close());

suite('pages in a browser', { concurrency: Number(process.env.BORGEN_BROWSER_AT_ONCE ?? 3), timeout: 600_000 }, () => {
  walks.tests(given);
  listed.tests(given);
  everyPage.tests(given);
  withoutScript.tests(given);
  byHand.tests(given);
  many.tests(given);
  live.tests(given);
});
