// `sendAll`: whatever the source, the reader and the network do, each message has one outcome, in order, and it ends.
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CrmClient, isCrmError } from "paydunya-crm";
import { accepted, assertIssues, forbidStrayErrors, json, keys, refusal, scripted, thrown, token, turn, until } from "./scripted-fetch.mjs";
import { seededRandom } from "./seeded-random.mjs";

forbidStrayErrors();

const sender = { sender: "MaBoutique" };
const row = (i) => ({ to: `+22177${String(i).padStart(7, "0")}`, text: `Message ${i}`, line: i });
const rows = (count) => Array.from({ length: count }, (_, i) => row(i));
function* generated(count) {
  for (let i = 0; i < count; i++) yield row(i);
}
const sizes = (requests) => requests.filter(({ call }) => call === "send").map(({ json }) => smsOf(json).length);
const smsOf = (json) => json.send_sms_request.sms;
const statuses = (outcomes) => outcomes.map(({ status }) => status);
const countOf = (outcomes, status) => statuses(outcomes).filter((found) => found === status).length;

async function collect(campaign) {
  const outcomes = [];
  for await (const outcome of campaign) outcomes.push(outcome);
  return outcomes;
}

/** Answers that wait until they are let go. */
function held() {
  const waiting = [];
  const send = (request) => new Promise((resolve) => waiting.push(() => resolve(accepted(request))));
  return { send, waiting, release: () => waiting.splice(0).forEach((answer) => answer()) };
}

describe("the sources of sendAll", () => {
  const sources = {
    "an array": () => rows(120),
    "a set": () => new Set(rows(120)),
    "a generator": () => generated(120),
    "an async generator": async function* () {
      for (const row of rows(120)) {
        await null;
        yield row;
      }
    },
    "a Node stream": () => Readable.from(generated(120)),
    "a web stream": () => ReadableStream.from?.(generated(120)) ?? new Blob([]).stream().constructor.from(rows(120)),
    "a web stream that cannot be iterated": () => {
      const reader = ReadableStream.from(generated(120)).getReader();
      return { getReader: () => reader };
    },
  };
  for (const [name, source] of Object.entries(sources)) {
    it(`may be ${name}`, async () => {
      const { client, requests, count } = scripted({}, sender);
      const outcomes = await collect(client.sendAll(source()));
      assert.deepEqual(statuses(outcomes), Array(120).fill("sent"));
      assert.deepEqual(outcomes.map(({ message }) => message), rows(120));
      assert.deepEqual(outcomes.map(({ index }) => index), rows(120).map(({ line }) => line));
      assert.ok(outcomes.every(({ code }) => code.startsWith("CODE-")));
      assert.deepEqual(sizes(requests), [50, 50, 20]);
      assert.equal(count("login"), 1);
    });
  }

  it("are refused where they are none", () => {
    const { client, requests } = scripted({}, sender);
    for (const none of [undefined, null, 5, "text", row(1), () => {}, Symbol("s")]) {
      const error = thrown(() => client.sendAll(none));
      assert.equal(error.kind, "invalid");
      assertIssues(error.issues, [["batch", undefined, "wrong-type", undefined]]);
    }
    const hostile = new Proxy({}, { get: () => { throw new Error("no"); } });
    assert.equal(thrown(() => client.sendAll(hostile)).kind, "invalid");
    assert.equal(requests.length, 0);
  });

  it("are not touched before the first next() or report()", async () => {
    let begun = false;
    const { client } = scripted({}, sender);
    const campaign = client.sendAll({
      *[Symbol.iterator]() {
        begun = true;
      },
    });
    await turn();
    assert.equal(begun, false);
    assert.equal((await campaign.report()).total, 0);
    assert.equal(begun, true);
  });

  it("may yield rubbish: that is invalid, and the others are sent", async () => {
    const hostile = { get to() { throw new Error("no"); }, text: "x" };
    const rubbish = [null, undefined, 7, "text", [], {}, hostile, { to: 221776665544, text: "x" }];
    const { client, requests } = scripted({}, sender);
    const outcomes = await collect(client.sendAll([row(0), ...rubbish, row(1)]));
    assert.deepEqual(statuses(outcomes), ["sent", ...rubbish.map(() => "invalid"), "sent"]);
    for (const { index, issues } of outcomes.slice(1, -1)) {
      assert.ok(issues.some(({ severity }) => severity === "error"));
      assert.ok(issues.every((issue) => issue.index === index));
    }
    assert.deepEqual(sizes(requests), [2]);
  });

  it("that throw have what they gave sent, and then throw to the reader", async () => {
    const failure = new Error("line 61 of the file");
    const { client, requests } = scripted({}, sender);
    function* failing() {
      yield* generated(60);
      throw failure;
    }
    const outcomes = [];
    await assert.rejects(async () => {
      for await (const outcome of client.sendAll(failing())) outcomes.push(outcome);
    }, failure);
    assert.equal(countOf(outcomes, "sent"), 60);
    assert.deepEqual(sizes(requests), [50, 10]);

    const report = await client.sendAll(Readable.from(failing())).report();
    assert.deepEqual([report.sent, report.stoppedBecause], [60, "source"]);
  });

  for (const [name, broken] of Object.entries({
    "cannot be begun": { [Symbol.asyncIterator]: () => { throw new Error("no"); } },
    "have no next": { [Symbol.iterator]: () => ({}) },
    "give no objects": { [Symbol.iterator]: () => ({ next: () => 5 }) },
    "give promises of none": { [Symbol.asyncIterator]: () => ({ next: async () => null }) },
    "throw at a result": { [Symbol.iterator]: () => ({ next: () => ({ get done() { throw new Error("no"); } }) }) },
  })) {
    it(`that ${name} fail`, async () => {
      const { client } = scripted({}, sender);
      await assert.rejects(client.sendAll(broken)[Symbol.asyncIterator]().next(), /./);
      assert.equal((await client.sendAll(broken).report()).stoppedBecause, "source");
    });
  }

  it("that are slow have what they gave sent before they give more", async () => {
    const { client, requests } = scripted({}, sender);
    let more;
    const silent = async function* () {
      yield* rows(3);
      await new Promise((resolve) => (more = resolve));
      yield row(3);
    };
    const iterator = client.sendAll(silent())[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) assert.equal((await iterator.next()).value.index, i);
    more();
    assert.equal((await iterator.next()).value.index, 3);
    assert.equal((await iterator.next()).done, true);
    assert.deepEqual(sizes(requests), [3, 1]);
  });
});

describe("the outcomes of sendAll", () => {
  it("say which of the API's words each message met", async () => {
    let sends = 0;
    const script = {
      send(request) {
        sends++;
        if (sends === 2) return refusal("ERROR_110", { status: 400 });
        if (sends === 3) return json("<html>", { status: 502 });
        return accepted(request);
      },
    };
    const { client } = scripted(script, sender);
    const outcomes = await collect(client.sendAll(rows(200), { concurrency: 1 }));
    assert.deepEqual([countOf(outcomes, "sent"), countOf(outcomes, "refused"), countOf(outcomes, "unknown")], [100, 50, 50]);
    assert.equal(outcomes[50].code, "ERROR_110");
    assert.equal(outcomes[50].error.delivery, "not-sent");
    assert.equal(outcomes[50].error, outcomes[51].error, "a batch has one error");
    assert.ok(isCrmError(outcomes[100].error));
    assert.equal(outcomes[100].error.delivery, "unknown");
  });

  it("carry the doubts too", async () => {
    const script = { send: (request) => accepted(request, (sms) => ({ ...sms, sender_addresss: "SMS-TEST" })) };
    const { client } = scripted(script, sender);
    const outcomes = await collect(client.sendAll(generated(60)));
    assertIssues(outcomes[59].issues, [["from", 59, "sender-replaced", undefined]]);
  });

  it("come in the order of the source whatever order the answers have", async () => {
    const random = seededRandom(7);
    const send = async (request) => {
      for (let turns = random(20); turns > 0; turns--) await turn();
      return accepted(request);
    };
    const { client } = scripted({ send }, sender);
    const outcomes = await collect(client.sendAll(generated(3_000), { concurrency: 8 }));
    assert.ok(outcomes.every(({ index, message }, place) => index === place && message.line === place));
    assert.equal(outcomes.length, 3_000);
  });

  it("are asked for in advance too", async () => {
    const { client } = scripted({}, sender);
    const iterator = client.sendAll(rows(2))[Symbol.asyncIterator]();
    const results = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    assert.deepEqual(results.map(({ done, value }) => [done, value?.index]), [[false, 0], [false, 1], [true, undefined], [true, undefined]]);
  });

  it("are added up by report(), with the failures", async () => {
    const { client } = scripted({}, sender);
    const campaign = client.sendAll([row(0), { to: "7", text: "" }, row(2)]);
    const outcomes = await collect(campaign);
    const report = await campaign.report();
    const { failures, ...totals } = report;
    assert.deepEqual(totals, { total: 3, sent: 2, invalid: 1, refused: 0, notSent: 0, unknown: 0, skipped: 0, segments: 2 });
    assert.deepEqual(failures, [outcomes[1]]);
    assert.deepEqual(await campaign.report(), report);
  });

  it("are iterated once, and not after report() alone", async () => {
    const { client } = scripted({}, sender);
    const campaign = client.sendAll(rows(2));
    await collect(campaign);
    assert.match(thrown(() => campaign[Symbol.asyncIterator]()).message, /once/);
    const drained = client.sendAll(rows(2));
    const report = drained.report();
    assert.match(thrown(() => drained[Symbol.asyncIterator]()).message, /report/);
    assert.equal((await report).sent, 2);
  });

  it("don't hold up report() in the middle of an iteration", async () => {
    const { client } = scripted({}, sender);
    const campaign = client.sendAll(generated(5_000));
    let seen = 0;
    for await (const { index } of campaign) {
      if (index === 0) assert.equal((await campaign.report()).sent, 5_000);
      seen++;
    }
    assert.equal(seen, 5_000);
  });
});

describe("sendAll stops", () => {
  const stops = {
    "without money": [refusal.bind(null, "ERROR_102"), "balance", "unknown", 50],
    "with a wrong application key": [refusal.bind(null, "ERROR_107"), "credentials", "refused", 50],
    "at a redirect": [() => new Response("", { status: 302 }), "redirect", "unknown", 50],
    "when nobody answers": [() => new Response("", { status: 503 }), "outage", "unknown", 101],
  };
  for (const [name, [answer, because, status, tried]] of Object.entries(stops)) {
    it(name, async () => {
      const { client } = scripted({ send: () => answer() }, sender);
      const campaign = client.sendAll(rows(600), { concurrency: 1 });
      const outcomes = await collect(campaign);
      assert.equal(outcomes.length, 600);
      assert.equal(countOf(outcomes, status), tried);
      assert.equal(countOf(outcomes, "skipped"), 600 - tried);
      const { error } = outcomes[599];
      assert.ok(isCrmError(error) && error.delivery === "not-sent");
      assert.match(error.message, /stopped before this message/);
      const report = await campaign.report();
      assert.deepEqual([report.stoppedBecause, report.skipped, report.failures.length], [because, 600 - tried, 600]);
    });
  }

  it("not for a batch that is too large: it is halved", async () => {
    const send = (request) => (smsOf(request.json).length > 20 ? new Response("", { status: 413 }) : accepted(request));
    const { client, requests } = scripted({ send }, sender);
    const { sent, stoppedBecause } = await client.sendAll(rows(200)).report();
    assert.deepEqual([sent, stoppedBecause], [200, undefined]);
    assert.ok(sizes(requests).at(-1) <= 20);
  });

  it("before it begins where the client has no keys: that is misuse", async () => {
    const client = new CrmClient(sender);
    const missing = (error) => isCrmError(error) && error.kind === "invalid" && error.issues.length === 3;
    await assert.rejects(client.sendAll(rows(3)).report(), missing);
    const campaign = client.sendAll(rows(3));
    await assert.rejects(collect(campaign), missing);
    await assert.rejects(campaign.report(), missing);
  });

  it("before it begins where the options are wrong", () => {
    const { client } = scripted({}, sender);
    for (const options of [{ concurrency: 0 }, { concurrency: 101 }, { ratePerSecond: 0.5 }, { onProgress: 7 }, { batch: 5 }, 7]) {
      assert.equal(thrown(() => client.sendAll(rows(1), options)).kind, "invalid", JSON.stringify(options));
    }
  });
});

describe("a reader of sendAll that leaves", () => {
  it("stops the sending after the POSTs in flight", async () => {
    const { send, waiting, release } = held();
    let released = false;
    function* source() {
      try {
        yield* generated(10_000);
      } finally {
        released = true;
      }
    }
    const { client, count } = scripted({ send: (request) => (count("send") === 1 ? accepted(request) : send(request)) }, sender);
    const campaign = client.sendAll(source());
    let settled = false;
    for await (const { index } of campaign) {
      assert.equal(index, 0);
      await until(() => waiting.length === 4);
      setImmediate(() => {
        settled = true;
        release();
      });
      break;
    }
    assert.ok(settled, "the loop is left when all have settled");
    assert.ok(released, "the source may clean up");
    const report = await campaign.report();
    assert.deepEqual([count("send"), report.sent, report.stoppedBecause], [5, 250, "closed"]);
    assert.equal(report.total, report.sent + report.skipped);
  });

  it("gets its own exception", async () => {
    const { client, count } = scripted({}, sender);
    const mine = new Error("mine");
    await assert.rejects(async () => {
      for await (const { index } of client.sendAll(generated(10_000))) if (index === 3) throw mine;
    }, mine);
    await turn();
    assert.ok(count("send") < 20);
    const iterator = client.sendAll(rows(5))[Symbol.asyncIterator]();
    await assert.rejects(iterator.throw(mine), mine);
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  });

  it("before the first message sends none", async () => {
    const { client, requests } = scripted({}, sender);
    const iterator = client.sendAll(rows(5))[Symbol.asyncIterator]();
    assert.deepEqual(await iterator.return("left"), { done: true, value: "left" });
    assert.deepEqual(requests, []);
  });

  it("is not held up by a source that gives nothing", async () => {
    const { client } = scripted({}, sender);
    const campaign = client.sendAll({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }) });
    const iterator = campaign[Symbol.asyncIterator]();
    const first = iterator.next();
    await turn();
    await iterator.return();
    assert.equal((await first).done, true);
    assert.equal((await campaign.report()).total, 0);
  });

  it("or is slow slows the sending", async () => {
    const { client, count } = scripted({}, sender);
    const iterator = client.sendAll(generated(100_000))[Symbol.asyncIterator]();
    await iterator.next();
    let before;
    do {
      before = count("send");
      await new Promise((resolve) => setTimeout(resolve, 20));
    } while (count("send") > before);
    assert.ok(count("send") <= 12, `${count("send")} POSTs ahead of a reader that took one message`);
    for (let i = 0; i < 200; i++) await iterator.next();
    await until(() => count("send") > before);
    await iterator.return();
  });
});

describe("an aborted sendAll", () => {
  it("leaves what is in flight unknown and skips the rest of an array", async () => {
    const { send, waiting } = held();
    const { client } = scripted({ send }, sender);
    const controller = new AbortController();
    const campaign = client.sendAll(rows(1_000), { signal: controller.signal });
    const report = campaign.report();
    await until(() => waiting.length === 1);
    const reason = new Error("enough");
    controller.abort(reason);
    const { unknown, skipped, total, stoppedBecause, failures } = await report;
    assert.deepEqual([unknown, skipped, total, stoppedBecause], [50, 950, 1_000, "aborted"]);
    assert.equal(failures[0].error.cause, reason);
    assert.equal(failures.at(-1).error.cause, reason);
  });

  it("ends though its source never does", { timeout: 20_000 }, async () => {
    const { client } = scripted({}, sender);
    function* endless() {
      for (let i = 0; ; i++) yield row(i);
    }
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    // `AbortSignal.timeout` alone would not keep Node waiting.
    const soon = (ms) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), ms);
      return controller.signal;
    };
    for (const source of [endless(), silent]) {
      const report = await client.sendAll(source, { signal: soon(150) }).report();
      assert.equal(report.stoppedBecause, "aborted");
      assert.equal(report.total, report.sent + report.skipped + report.unknown + report.notSent);
    }
    for await (const _ of client.sendAll(endless(), { signal: soon(50) }));
  });

  it("that was aborted before sends nothing", async () => {
    const { client, requests } = scripted({}, sender);
    const report = await client.sendAll(rows(70), { signal: AbortSignal.abort() }).report();
    assert.deepEqual([report.skipped, report.stoppedBecause, requests.length], [70, "aborted", 0]);
  });
});

describe("a client that is freed", () => {
  it("lets its campaigns end", async () => {
    const { client } = scripted({}, sender);
    const [begun, waiting] = [client.sendAll(rows(500)), client.sendAll(rows(60))];
    const iterator = begun[Symbol.asyncIterator]();
    await iterator.next();
    client.free();
    assert.equal((await collect(iterator)).length, 499);
    assert.equal((await waiting.report()).sent, 60);
    assert.equal(thrown(() => client.sendAll(rows(1))).issues[0].reason, "freed");
  });
});

describe("the pace of sendAll", () => {
  it("has no more POSTs in flight than concurrency", async () => {
    for (const concurrency of [1, 3, 100]) {
      const { send, waiting, release } = held();
      const { client, count } = scripted({ send }, sender);
      const report = client.sendAll(generated(100 * concurrency + 50), { concurrency }).report();
      await until(() => waiting.length === 1);
      release();
      let most = 0;
      let done = false;
      report.then(() => (done = true));
      while (!done) {
        for (let i = 0; i < 5; i++) await turn();
        most = Math.max(most, waiting.length);
        release();
      }
      assert.equal((await report).sent, 100 * concurrency + 50);
      assert.equal(most, concurrency);
      assert.equal(count("send"), 2 * concurrency + 1);
    }
  });

  it("keeps ratePerSecond", async () => {
    const { client, requests } = scripted({}, sender);
    const start = performance.now();
    const { sent } = await client.sendAll(rows(45), { ratePerSecond: 20 }).report();
    assert.equal(sent, 45);
    assert.deepEqual(sizes(requests), [20, 20, 5]);
    assert.ok(performance.now() - start >= 1_990);
  });

  it("tells onProgress at most ten times a second and at the end", async () => {
    const told = [];
    const send = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return accepted(request);
    };
    const { client } = scripted({ send }, sender);
    const onProgress = function (progress) {
      assert.equal(this, undefined);
      told.push({ ...progress, at: performance.now() });
      throw new Error("a listener disturbs nothing");
    };
    await client.sendAll([...rows(20_000), null], { onProgress }).report();
    assert.ok(told.length >= 2);
    for (const { at } of told) {
      assert.ok(told.filter((other) => other.at >= at && other.at < at + 990).length <= 10);
    }
    const { done, total, sent, failed, unknown, secondsLeft, perSecond } = told.at(-1);
    assert.deepEqual({ done, total, sent, failed, unknown, secondsLeft }, { done: 20_001, total: 20_001, sent: 20_000, failed: 1, unknown: 0, secondsLeft: 0 });
    assert.ok(perSecond > 0);

    const open = [];
    await client.sendAll(generated(3), { onProgress: (progress) => open.push(progress) }).report();
    assert.deepEqual(Object.keys(open.at(-1)), ["done", "sent", "failed", "unknown", "perSecond"]);
  });

  it("asks nothing twice of options that are getters", async () => {
    let reads = 0;
    const { client } = scripted({}, sender);
    await client.sendAll(rows(1), { get concurrency() { reads++; return 2; } }).report();
    assert.equal(reads, 1);
  });
});

describe("sendAll of a million messages", () => {
  it("holds no more memory than of ten thousand", { timeout: 120_000 }, async (t) => {
    // Each needs a few microseconds; on a busy machine the whole million is the benchmark's.
    const count = 200_000;
    const answer = JSON.stringify(token);
    let next = 0;
    const fetch = async (url, { body }) => {
      if (url.endsWith("login")) return { status: 200, text: () => answer };
      const sms = smsOf(JSON.parse(body)).map(({ to, text }) => ({ code: `C${next++}`, receiver_address: to, text }));
      return { status: 200, text: () => JSON.stringify({ code: "00", data: { sms } }) };
    };
    const client = new CrmClient({ ...keys, ...sender, fetch });
    let early;
    let late;
    // Only what is held counts, not what nobody has collected yet.
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc");
    const held = () => {
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      return (heapUsed + external) / 2 ** 20;
    };
    for await (const { status, index } of client.sendAll(generated(count))) {
      if (status !== "sent") assert.fail(status);
      if (index === 10_000) early = held();
      if (index === count - 1) late = held();
    }
    t.diagnostic(`${early.toFixed(1)} MiB after 10,000, ${late.toFixed(1)} MiB after ${count}`);
    assert.ok(late - early < 15, `${early} MiB, then ${late} MiB`);
  });
});
