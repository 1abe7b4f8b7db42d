// examples/pg-boss/ with a PostgreSQL of its own, and an API that kills the worker in the middle of its POST.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Sandbox, accountOf, copyOf, startApi } from "./example-folder.mjs";
import { startCluster } from "./postgresql.mjs";
import { Processes, listening } from "./processes.mjs";

const { PAYDUNYA_CRM_MODULES: modules, POSTGRESQL: programs } = process.env;
const require = createRequire(join(modules, "any.js"));
const pg = require("pg");
const PgBoss = require("pg-boss");

// A worker's POSTs have 1, 2, 4, 8, 16, 32 and then 50 messages each. In these it is killed.
const LAST_POSTS = [2, 9, 5, 12, 7, 3, 10, 6, 13, 8, 4, 11, 9, 6];
const MOMENTS = ["before the API has it", "after the API has it", "with its answer"];
const COUNT = 3000;

// How a shop queues the texts of a campaign.
const CAMPAIGN = `import { closeQueue, enqueue, openQueue } from "./queue.mjs";

const boss = await openQueue();
const [count, numbers] = process.argv.slice(2).map(Number);
const message = (i) => ({ id: \`customer-\${i}\`, to: \`+22177\${1_000_000 + (i % numbers)}\`, text: "Votre commande est prête." });
await enqueue(boss, Array.from({ length: count }, (_, i) => message(i)));
await closeQueue(boss);
`;

let cluster;
let log = "";
before(async () => (cluster = await startCluster(programs)));
after(() => cluster?.stop());

describe("examples/pg-boss/", () => {
  it("texts 3,000 customers once and loses none, though its worker is killed in POSTs", { timeout: 240_000 }, () =>
    running({ database: "killed" }, async (shop) => {
      await shop.campaign(COUNT);
      for (const [index, nth] of LAST_POSTS.entries()) {
        await shop.killedIn(nth, MOMENTS[index % MOMENTS.length]);
        await shop.anHourLater();
      }
      await shop.drained();

      const { texts, codes } = await shop.accepted();
      const { sent, held } = await shop.fates();
      assert.equal(texts, codes.size, "nobody was texted twice");
      assert.equal(sent.size + held.length, COUNT, "none is missing");
      for (const [to, code] of sent) assert.equal(code, codes.get(to));
      const arrived = held.filter(({ to }) => codes.has(to)).length;
      assert.ok(arrived > 0 && arrived < held.length, `${arrived} of ${held.length} arrived`);

      const [summary, ...ids] = (await shop.settle()).trim().split("\n");
      assert.equal(summary, `${arrived} of ${held.length} were sent.`);
      const settled = await shop.fates();
      assert.deepEqual(settled.sent, codes);
      assert.deepEqual(settled.held.map(({ id }) => id).sort(), ids.sort());
      assert.equal(codes.size + ids.length, COUNT);
    }));

  it("would text twice with pg-boss's retries", { timeout: 120_000 }, () =>
    running({ database: "retrying", edit: ["retryLimit: 0", "retryLimit: 2"] }, async (shop) => {
      await shop.campaign(100);
      for (const nth of [3, 5]) {
        await shop.killedIn(nth, "after the API has it");
        await shop.anHourLater();
      }
      await shop.drained();
      const { texts, codes } = await shop.accepted();
      assert.deepEqual([texts - codes.size, codes.size], [4 + 16, 100]);
    }));

  it("queues an order together with the shop's own row, or not at all, and once", { timeout: 120_000 }, () =>
    running({ database: "atomic" }, async (shop) => {
      await shop.serve();
      const [status, { issues }] = await shop.orderReady("77 666 55 4", 1);
      assert.deepEqual([status, issues[0].message], [422, "to: 8 digits after +221 (Senegal), expected 9"]);
      for (let i = 0; i < 3; i++) assert.deepEqual(await shop.orderReady("77 666 55 44", 1), [202, { status: "queued" }]);
      // A rule of the shop's own, which fails when the transaction commits.
      await shop.query("ALTER TABLE orders ADD parent text REFERENCES orders DEFERRABLE INITIALLY DEFERRED");
      await shop.query("ALTER TABLE orders ALTER parent SET DEFAULT 'none'");
      assert.equal((await shop.orderReady("77 666 55 44", 2))[0], 500);
      assert.equal((await shop.fateOf(2))[0], 404);
      await shop.drained();
      assert.deepEqual(await shop.orderReady("77 666 55 44", 1), [202, { status: "sent", code: "SMS-000001" }]);
      assert.equal((await shop.accepted()).texts, 1);
    }));

  it("puts back what surely was not sent, and holds what may have been", { timeout: 120_000 }, () => {
    const busy = { on: "send", nth: 1, times: 3, fault: "status", status: 429, retryAfter: 0 };
    const lost = { on: "send", nth: 5, fault: "reset-after" };
    return running({ database: "troubled", faults: [busy, lost] }, async (shop) => {
      await shop.campaign(10);
      // It pauses after each of these; another one begins at once.
      await shop.worksUntil(/customer-\d not-sent/);
      await shop.worksUntil(/customer-\d unknown/);
      await shop.drained();
      const { sent, held } = await shop.fates();
      assert.deepEqual([sent.size, held.length], [8, 2]);
      await shop.settle();
      const { texts, codes } = await shop.accepted();
      assert.deepEqual((await shop.fates()).sent, codes);
      assert.equal(texts, 10);
    });
  });

  it("takes no code of the API for two messages", { timeout: 120_000 }, () =>
    running({ database: "identical" }, async (shop) => {
      await shop.campaign(3, 1);
      await shop.killedIn(1, "before the API has it");
      await shop.anHourLater();
      await shop.killedIn(1, "after the API has it");
      assert.match(await shop.settle(), /^0 of 1 were sent/, "the code may be that of the second, which is under way");
      await shop.anHourLater();
      await shop.drained();
      assert.match(await shop.settle(), /^1 of 2 were sent/, "the third has its own");
      assert.match(await shop.settle(), /^0 of 1 were sent/);
    }));

  it("finds the one message for which the API refuses a batch", { timeout: 120_000 }, () =>
    running({ database: "refusing", refuses: "221771000006" }, async (shop) => {
      await shop.campaign(20);
      await shop.drained();
      const [{ state, output }] = await shop.query("SELECT state, output FROM sms.job WHERE data->>'id' = 'customer-6'");
      assert.deepEqual([state, output.status, output.code], ["completed", "refused", "ERROR_110"]);
      const { texts, codes } = await shop.accepted();
      assert.deepEqual([texts, codes.size], [19, 19]);
    }));

  it("logs no key, number or text, and no password of the database", () => {
    assert.match(log, /customer-\d unknown/);
    assert.doesNotMatch(log, /user-key|secret-key|app-key|221 ?77|Votre commande|postgresql:/);
  });
});

/** Gives the example a database and an API of its own, and ends whatever runs of it after the test. */
async function running({ database, edit, faults = [], refuses }, test) {
  const processes = new Processes();
  const aim = {};
  const api = await startApi({ faults }, killer(aim, refuses));
  await create(database);
  const client = await connect(database);
  try {
    const folder = await copyOf("pg-boss/", `pg-boss-${database}`);
    await writeFile(join(folder, "campaign.mjs"), CAMPAIGN);
    if (edit) await replace(join(folder, "queue.mjs"), ...edit);
    const env = { ...process.env, ...accountOf(api.baseUrl), DATABASE_URL: cluster.url(database), PORT: "0" };
    const start = (program, ...args) => {
      const child = processes.start(process.execPath, [program, ...args], { cwd: folder, env });
      for (const output of [child.stdout, child.stderr]) output.on("data", (data) => (log += data));
      return child;
    };
    const db = { executeSql: (text, values) => client.query(text, values) };
    const boss = new PgBoss({ db, schema: "sms", supervise: false });
    await test(handles({ api, aim, boss, client, start }));
  } finally {
    processes.stop();
    api.close();
    await client.end();
  }
}

/** A sandbox that kills the worker at which it is aimed, and refuses batches that have this in them. */
function killer(aim, refuses) {
  const refusing = new Sandbox({ faults: [{ on: "any", fault: "code", code: "ERROR_110" }] });
  return class extends Sandbox {
    answer(request) {
      if (!request.path.endsWith("/sms/send")) return super.answer(request);
      if (refuses !== undefined && request.body.includes(refuses)) return refusing.answer(request);
      if (aim.worker === undefined || --aim.posts > 0) return super.answer(request);
      const { worker, moment } = aim;
      aim.worker = undefined;
      // While it records what became of them.
      if (moment === "with its answer") setTimeout(() => worker.kill("SIGKILL"), 5);
      else worker.kill("SIGKILL");
      if (moment === "before the API has it") return { lost: "reset" };
      const answer = super.answer(request);
      return moment === "after the API has it" ? { ...answer, lost: "hang" } : answer;
    }
  };
}

/** What a test does to the example. */
function handles({ api, aim, boss, client, start }) {
  const query = async (text, values) => (await client.query(text, values)).rows;
  let origin;
  const ask = async (path, init) => {
    const response = await fetch(`${origin}${path}`, init);
    return [response.status, await response.json()];
  };
  const orderReady = (phone, order) => {
    const headers = { "content-type": "application/json" };
    return ask("/order-ready", { method: "POST", headers, body: JSON.stringify({ phone, order: String(order) }) });
  };
  const working = async (until) => {
    const worker = start("worker.mjs");
    const ended = once(worker, "close");
    await Promise.race([until(worker), ended]);
    worker.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
  };
  return {
    query,
    async serve() {
      origin = await listening(start("server.mjs"));
    },
    orderReady,
    fateOf: (order) => ask(`/order-ready/${order}`),
    /** Queues so many messages, each to a number of its own or all to a few. */
    async campaign(count, numbers = count) {
      const ended = once(start("campaign.mjs", String(count), String(numbers)), "close");
      assert.deepEqual(await ended, [0, null]);
    },
    /** A worker's life, which ends in one of its POSTs. */
    async killedIn(posts, moment) {
      const worker = start("worker.mjs");
      Object.assign(aim, { worker, posts, moment });
      assert.deepEqual(await once(worker, "close"), [null, "SIGKILL"]);
    },
    /** Lets time pass, in which pg-boss does its upkeep. */
    async anHourLater() {
      await query("UPDATE sms.job SET started_on = started_on - interval '1 hour' WHERE name = 'sms' AND state = 'active'");
      await boss.expire();
    },
    /** Lets a worker work until the queue is empty. */
    drained: () =>
      working(async () => {
        const waiting = "SELECT FROM sms.job WHERE name = 'sms' AND state < 'completed' LIMIT 1";
        while ((await query(waiting)).length > 0) await sleep(50);
      }),
    /** Lets a worker work until it says so. */
    worksUntil: (pattern) =>
      working(async ({ stderr }) => {
        let text = "";
        for await (const data of stderr) if (pattern.test((text += data))) return;
      }),
    async settle() {
      const settling = start("settle.mjs", "0");
      const [output, ended] = await Promise.all([settling.stdout.toArray(), once(settling, "close")]);
      assert.deepEqual(ended, [0, null]);
      return Buffer.concat(output).toString();
    },
    /** Who got a text by what the API has, with its code, and how many texts that were. */
    async accepted() {
      const { sent } = await api.report();
      return { texts: sent.length, codes: new Map(sent.map(({ to, code }) => [to, code])) };
    },
    /** The same by what the queue has, and what it holds. */
    async fates() {
      const jobs = await query("SELECT state, output, data->>'to' AS to, data->>'id' AS id FROM sms.job WHERE name = 'sms'");
      const sent = jobs.filter(({ state, output }) => state === "completed" && output.status === "sent");
      const held = jobs.filter(({ state }) => state === "failed");
      return { sent: new Map(sent.map(({ to, output }) => [to, output.code])), held };
    },
  };
}

/** A connection to one of the cluster's databases. */
async function connect(database) {
  const client = new pg.Client({ connectionString: cluster.url(database) });
  await client.connect();
  return client;
}

async function create(database) {
  const client = await connect("postgres");
  await client.query(`CREATE DATABASE ${database}`);
  await client.end();
}

async function replace(file, old, replacement) {
  const source = await readFile(file, "utf8");
  assert.ok(source.includes(old));
  await writeFile(file, source.replace(old, replacement));
}
