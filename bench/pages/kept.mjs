// A store that a demonstration filled, kept and served again: so that pages can be measured on a store that is cold, as
// often as one likes, without filling it anew. Nothing is measured here.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { dirname, join } from 'node:path';
import { House, until } from '../../tests/browser/house.mjs';
import { Found } from '../../tests/browser/found.mjs';

/** How long a server may take to serve. */
const START_LIMIT_MS = 60_000;
/** The files that stand for the store; their pages are dropped from the machine's memory before a cold start. */
const FILES = ['borgen.db', 'borgen.db-wal', 'keys.db', 'keys.db-wal'];
/** People who write at the same time, and how much they write until it is looked how much is sealed. */
const WRITERS = 48;
const WRITTEN_BETWEEN_LOOKS = 20_000;
const HANDED = 'handed.json';

/** The size of the sealed journal. */
export const sealed = async (house) => (await house.ask('/audit/checkpoint').catch(() => ({ size: 0 }))).size;

/** Writes a note on a customer, which is a fact of it. */
function note(agent, house, customer) {
  const body = JSON.stringify({ text: 'Called about the budget, nobody answered.' });
  const headers = { authorization: `Bearer ${house.demo.handed.tokens.adminAgent}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((go, fail) => {
    const asked = request(`${house.url}/api/v1/customers/${customer}:note`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? go() : fail(new Error(`a note: ${answer.statusCode}`))));
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

/** Lets people write notes, customer by customer, until so many facts are sealed, and says how many there are. */
export async function grow(house, wanted, limitMs) {
  const agent = new Agent({ keepAlive: true, maxSockets: WRITERS });
  let next = '/customers?maxpagesize=1000';
  const customers = [];
  let asking = null;
  const more = async () => {
    const page = await house.ask(next);
    customers.push(...page.value.map((row) => row.id));
    next = page.nextLink ? page.nextLink.replace('/api/v1', '') : '/customers?maxpagesize=1000';
    asking = null;
  };
  const one = async () => {
    // Whoever finds none left asks for more, once for all.
    while (customers.length === 0) await (asking ??= more());
    await note(agent, house, customers.pop());
  };
  let missing = wanted - await sealed(house);
  while (missing > 0) {
    // What was written is sealed a moment later, so the rest is reckoned again.
    const many = Math.min(missing, WRITTEN_BETWEEN_LOOKS);
    await Promise.all(Array.from({ length: WRITERS }, async (_, place) => { for (let count = place; count < many; count += WRITERS) await one(); }));
    const before = wanted - missing;
    await until('what was written to be sealed', async () => (await sealed(house)) >= Math.min(wanted, before + many), limitMs);
    missing = wanted - await sealed(house);
  }
  agent.destroy();
  return sealed(house);
}

/** Copies the store of a running demonstration, which stands still meanwhile. */
export function keep(house, folder) {
  const { pid, handed } = house.demo;
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => { try { return readlinkSync(`/proc/${pid}/fd/${fd}`); } catch { return ''; } });
  const from = dirname(open.find((path) => path.endsWith('/borgen.db')));
  mkdirSync(folder, { recursive: true });
  process.kill(pid, 'SIGSTOP');
  try {
    cpSync(from, folder, { recursive: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  writeFileSync(join(folder, HANDED), JSON.stringify(handed));
}

/** Drops what the machine remembers of the store's files. */
export function forget(folder) {
  for (const file of FILES.map((name) => join(folder, name)).filter(existsSync)) {
    const done = spawnSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
    if (done.status !== 0) throw new Error(`${file} stays in memory: ${done.stderr}`);
  }
}

/** Serves a kept store: a house without browsers and without a simulated Microsoft. */
export async function serve(folder) {
  const program = process.env.BORGEN_PROGRAM ?? join(import.meta.dirname, '../../target/release/borgen');
  const handed = JSON.parse(readFileSync(join(folder, HANDED), 'utf8'));
  const settings = { 'data.folder': folder, 'keys.master_file': join(folder, 'master.key'), 'keys.signing_file': join(folder, 'signing.pem'), 'log.filter': 'error' };
  const words = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const withoutSettings = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BORGEN_')));
  const child = spawn(program, ['--lang', 'en', 'serve', '--listen', '127.0.0.1:0', ...words], { cwd: folder, env: { ...withoutSettings, XDG_CONFIG_HOME: folder, NO_COLOR: '1' }, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = [];
  const url = await new Promise((go, fail) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      const found = /Serving on (http\S+?)\.?(\s|$)/.exec(line);
      if (found) go(found[1]);
    });
    child.once('exit', (code) => fail(new Error(`the server ended (${code}):\n${said.join('\n')}`)));
    setTimeout(() => fail(new Error(`the server does not serve:\n${said.join('\n')}`)), START_LIMIT_MS).unref();
  });
  const house = Object.create(House.prototype);
  house.url = url;
  house.demo = { handed, pid: child.pid, stop: () => new Promise((go) => { child.once('exit', go); child.kill('SIGTERM'); }) };
  await until('the server', async () => (await fetch(`${url}/readyz`)).ok, START_LIMIT_MS);
  return house;
}

/** What the addresses of pages are made of, read from the interface for programs alone. */
export class Stored extends Found {
  #house;

  constructor(house) {
    super(house);
    this.#house = house;
  }

  async #attacked() {
    const { value } = await this.#house.ask('/cases?maxpagesize=1000&filter=status:open');
    return value.find((one) => one.alerts.length > 0);
  }

  async case() { return (await this.#attacked()).id; }

  async customer() { return (await this.#attacked()).customer; }

  async alert() { return (await this.#attacked()).alerts[0].id; }

  async record() { return `/activity/${(await this.#house.ask('/activity')).value[0].id}`; }
}
