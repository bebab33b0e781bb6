// What the addresses of pages are made of, found in the running demonstration when it is first asked for.
import { until } from './house.mjs';

/** Ids by name; each is a promise that is made once. */
export class Found {
  #house;
  #made = new Map();

  constructor(house) {
    this.#house = house;
  }

  /** The ids that a page needs. */
  async of(names = []) {
    const found = {};
    for (const name of names) {
      if (!this.#made.has(name)) this.#made.set(name, this[name]());
      found[name] = await this.#made.get(name);
    }
    return found;
  }

  async #attacked() {
    if (!this.#made.has('attacked')) this.#made.set('attacked', this.#house.caseOf('gpu_burst'));
    return this.#made.get('attacked');
  }

  async case() {
    return (await this.#attacked()).id;
  }

  async customer() {
    return (await this.#attacked()).customer;
  }

  async alert() {
    const detail = await this.#house.ask(`/cases/${await this.case()}`);
    return detail.alerts[0].id;
  }

  /** The first action that anybody proposed. */
  async action() {
    return until('an action', async () => (await this.#house.ask('/actions')).value[0]?.id, 200_000);
  }

  /** The policy in force. */
  async policy() {
    return (await this.#house.ask('/policies')).value[0].hash;
  }

  /** The address of the first record of Partner Center's log. */
  async record() {
    const context = await this.#house.context({ role: 'admin_agent' });
    try {
      const page = await context.newPage();
      const links = page.locator('a.name[href^="/activity/"]');
      // The log is read every hour, so that it may take until the first record is there.
      return await until('a record', async () => {
        await page.goto('/activity?filter=');
        return await links.count() > 0 && links.first().getAttribute('href');
      }, 200_000);
    } finally {
      await context.close();
    }
  }

  /** A link for a first sign-in, given out to somebody who was added on the page of users. */
  async link() {
    const context = await this.#house.context({ role: 'user_administrator' });
    try {
      const page = await context.newPage();
      await page.goto('/users');
      const adding = page.locator('form[action="/users"]');
      await adding.locator('input[name=name]').fill('Wilma Link');
      // Not one of the demonstration's own roles, whose doors stay theirs.
      await adding.locator('input[name=roles][value=auditor]').check();
      await adding.locator('input[name=scope][value=all]').check();
      await adding.locator('button').last().click();
      const row = page.locator('tr', { hasText: 'Wilma Link' }).first();
      await row.waitFor();
      await row.locator('details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));
      const inviting = row.locator('form[action$="/invite"]');
      await inviting.locator('input[type=text], input[name=signInName]').first().fill('wilma.link');
      await inviting.locator('button').click();
      return /\/welcome\/([^\s"<]+)/.exec(await page.locator('main').innerText())[1];
    } finally {
      await context.close();
    }
  }
}
