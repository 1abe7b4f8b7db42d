// examples/worker-queue/ in miniflare, with faults where a queue that delivers at least once would text twice.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accountOf, copyOf, startApi } from "./example-folder.mjs";
import { Processes, listening } from "./processes.mjs";
import { binary } from "./programs.mjs";

const { PAYDUNYA_CRM_MODULES: modules } = process.env;

// The example's own handlers, in an environment where the first batch meets its end, and the claims may be missing.
const FAULTY = `import example from "./src/index.js";
export { SmsClaims } from "./src/index.js";

const letters = new Map();
let deaths = 0;

export default {
  fetch(request, env) {
    if (new URL(request.url).pathname !== "/deliveries") return example.fetch(request, env);
    return Response.json([...letters.values()]);
  },
  queue(batch, env) {
    for (const { id, attempts } of batch.messages) letters.set(id, attempts);
    return example.queue(env.DIES === "before the ack" ? withoutAck(batch) : batch, { ...env, SMS_CLAIMS: claimsOf(env) });
  },
};

const die = () => {
  deaths = 1;
  throw new Error("The consumer dies here.");
};

function withoutAck(batch) {
  if (deaths > 0) return batch;
  const messages = batch.messages.map(({ id, body }) => ({ id, body, ack: die, retry: die }));
  return { queue: batch.queue, messages };
}

function claimsOf(env) {
  const stub = env.SMS_CLAIMS.get(env.SMS_CLAIMS.idFromName("shop"));
  const all = { claim: (ids) => ids.map(() => true), settle: (rows) => rows.map(() => true) };
  const fetch = async (url, init) => {
    const call = new URL(url).pathname.slice(1);
    if (env.DIES === "after the POST" && call === "settle" && deaths === 0) die();
    if (env.CLAIMS === "none") return Response.json(all[call](JSON.parse(init.body)));
    return stub.fetch(url, init);
  };
  return { idFromName: () => {}, get: () => ({ fetch }) };
}
`;

const COUNT = 1000;
const messages = Array.from({ length: COUNT }, (_, i) => ({
  id: `commande-${i}`,
  to: `+22177${1_000_000 + i}`,
  text: "Votre commande est prête.",
}));
const everyFourth = [4, 8, 12, 16, 20].map((nth) => ({ on: "send", nth, fault: "reset-after" }));

describe("examples/worker-queue/", () => {
  it("texts 1,000 customers once, 50 in each POST", { timeout: 60_000 }, () =>
    running({}, async ({ api, states, put }) => {
      await put(messages);
      assert.deepEqual(await states(COUNT), { sent: COUNT });
      assert.deepEqual(await doubles(api), { sent: COUNT, doubles: 0, posts: COUNT / 50 });
    }));

  it("takes an id once, however often a producer puts it", { timeout: 60_000 }, () =>
    running({}, async ({ api, states, put, delivered }) => {
      for (let i = 0; i < 3; i++) await put(messages.slice(0, 100));
      await delivered((attempts) => attempts.length === 300);
      assert.deepEqual(await states(100), { sent: 100 });
      assert.deepEqual(await doubles(api), { sent: 100, doubles: 0, posts: 2 });
    }));

  for (const [dies, expected] of Object.entries({
    "after the POST": { claimed: 50, sent: COUNT - 50 },
    "before the ack": { sent: COUNT },
  })) {
    it(`texts nobody twice where the consumer dies ${dies}`, { timeout: 60_000 }, () =>
      running({ bindings: { DIES: dies } }, async ({ api, states, put, delivered }) => {
        await put(messages);
        await delivered(redelivered(50));
        assert.deepEqual(await states(COUNT, { claimed: expected.claimed ?? 0 }), expected);
        assert.equal((await doubles(api)).doubles, 0);
      }));

    it(`would text twice without the claims where the consumer dies ${dies}`, { timeout: 60_000 }, () =>
      running({ bindings: { DIES: dies, CLAIMS: "none" } }, async ({ api, put }) => {
        await put(messages);
        await until(async () => (await api.report()).sent.length === COUNT + 50);
        assert.equal((await doubles(api)).doubles, 50);
      }));
  }

  it("parks what may have been sent, and lists it", { timeout: 60_000 }, () =>
    running({ faults: everyFourth }, async ({ api, states, put, list }) => {
      await put(messages);
      assert.deepEqual(await states(COUNT), { sent: COUNT - 250, unknown: 250 });
      assert.deepEqual(await doubles(api), { sent: COUNT, doubles: 0, posts: COUNT / 50 });
      const ids = new Set(messages.map(({ id }) => id));
      const parked = await list("unknown");
      assert.equal(parked.filter(({ id }) => ids.has(id)).length, 250);
    }));

  it("sends what was refused for its pace when Retry-After says", { timeout: 60_000 }, () =>
    running({ faults: [{ on: "send", nth: 2, times: 3, fault: "status", status: 429, retryAfter: 1 }] }, async (run) => {
      await run.put(messages);
      assert.deepEqual(await run.states(COUNT, { "not-sent": 0 }), { sent: COUNT });
      assert.equal((await doubles(run.api)).doubles, 0);
    }));

  it("gives up what is refused each time, and says that nobody got it", { timeout: 60_000 }, () =>
    running({ faults: [{ on: "send", fault: "status", status: 429, retryAfter: 0 }] }, async ({ api, states, put }) => {
      await put(messages.slice(0, 50));
      assert.deepEqual(await states(50, { "not-sent": 0 }), { "gave-up": 50 });
      assert.equal((await api.report()).sent.length, 0);
    }));

  it("records a wrong message, and sends the others of its batch", { timeout: 60_000 }, () =>
    running({}, async ({ api, states, put, list }) => {
      await put([{ id: "wrong", to: "+22177", text: "Oui" }, ...messages.slice(0, 48), "no message"]);
      assert.deepEqual(await states(50), { invalid: 2, sent: 48 });
      assert.ok((await list("invalid")).some(({ id }) => id === "wrong"));
      assert.equal((await api.report()).sent.length, 48);
    }));
});

const redelivered = (count) => (attempts) =>
  attempts.length === COUNT && attempts.filter((attempt) => attempt > 1).length >= count;

/** Runs the example in miniflare, as wrangler does, with the sandbox as its API; ends both. */
async function running({ faults = [], bindings = {} }, test) {
  const api = await startApi({ faults });
  const processes = new Processes();
  try {
    const folder = await copyOf("worker-queue/");
    await writeFile(join(folder, "faulty.js"), FAULTY);
    const settings = JSON.parse(await readFile(join(folder, "wrangler.jsonc"), "utf8"));
    settings.main = "faulty.js";
    // Of the example ten, five seconds apart.
    Object.assign(settings.queues.consumers[0], { max_retries: 3, retry_delay: 0 });
    await writeFile(join(folder, "wrangler.jsonc"), JSON.stringify(settings));
    const vars = Object.entries({ ...accountOf(api.baseUrl), ...bindings }).map(([name, value]) => `${name}="${value}"\n`);
    await writeFile(join(folder, ".dev.vars"), vars.join(""));
    const node = await binary(modules, "node24/bin/node");
    const wrangler = join(modules, "wrangler/bin/wrangler.js");
    const child = processes.start(node, [wrangler, "dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"], {
      cwd: folder,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const origin = await listening(child);
    await test(handles(api, origin));
  } finally {
    processes.stop();
    api.close();
  }
}

/** What a test does to the example. */
function handles(api, origin) {
  const ask = async (path, init) => (await fetch(`${origin}${path}`, init)).json();
  return {
    api,
    put: (body) => ask("/messages", { method: "POST", body: JSON.stringify(body) }),
    list: (state) => ask(`/messages?state=${state}`),
    delivered: (enough) => until(async () => enough(await ask("/deliveries"))),
    /** The counts, as soon as so many have a fate and no more than these are on their way. */
    async states(count, allowed = {}) {
      const underWay = { claimed: 0, ...allowed };
      let counts;
      await until(async () => {
        counts = await ask("/messages");
        const sum = Object.values(counts).reduce((sum, count) => sum + count, 0);
        return sum === count && Object.entries(underWay).every(([state, most]) => (counts[state] ?? 0) <= most);
      });
      return counts;
    },
  };
}

async function until(done) {
  while (!(await done())) await sleep(50);
}

async function doubles(api) {
  const { sent, requests } = await api.report();
  const receivers = new Set(sent.map(({ to }) => to)).size;
  return { sent: sent.length, doubles: sent.length - receivers, posts: requests.filter(({ call }) => call === "send").length };
}
