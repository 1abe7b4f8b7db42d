// `sendAll` beside the loop that an application would write instead, and the memory that it takes.
//
// Each run is a process of its own, against a server on loopback in another: wall and CPU time from the first message to
// the last outcome. The server answers after some ms, as one behind a network does, or at once, so that nothing but
// processors is waited for. The runs of a round follow one another, and a ratio is that of two of them.
//
// usage: node campaign.mjs [--quick] [--json <file>]
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { parseArgs } from "node:util";

const program = new URL(import.meta.url).pathname;
const concurrency = 4;
const batchSize = 50;
const roles = { serve, sendAll: timed(sendAll), "hand-written loop": timed(handWritten), memory };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "string" } },
});
const [role, ...rest] = positionals;
await (role === undefined ? compareAll() : roles[role](...rest));

// What is compared.

function* rows(count) {
  for (let i = 0; i < count; i++) {
    const number = String(1_000_000 + (i % 9_000_000));
    yield { to: `+22177${number}`, text: `Bonjour, la commande ${i} est arrivée à la boutique. Passez avant samedi. Merci !` };
  }
}

async function sendAll(baseUrl, messages) {
  const { CrmClient } = await import("paydunya-crm");
  const crm = new CrmClient({ userKey: "u", secretKey: "s", appKey: "a", sender: "MaBoutique", baseUrl });
  return async () => {
    let sent = 0;
    for await (const { status, code } of crm.sendAll(messages, { concurrency })) if (status === "sent" && code) sent++;
    return sent;
  };
}

async function handWritten(baseUrl, messages) {
  const post = async (path, body, token) => {
    const headers = { "Content-Type": "application/json", Accept: "application/vnd.apisms.v1+json" };
    if (token) headers.Authorization = `Bearer ${token}`;
    const response = await fetch(baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
    return response.json();
  };
  return async () => {
    const { access_token: token } = await post("/auth/login", { user_key: "u", secret_key: "s" });
    let sent = 0;
    let ended = false;
    const work = async () => {
      while (!ended) {
        const sms = [];
        while (sms.length < batchSize) {
          const { done, value } = messages.next();
          if (done) ended = true;
          if (done) break;
          sms.push({ from: "MaBoutique", to: value.to, text: value.text });
        }
        if (sms.length === 0) break;
        const answer = await post("/sms/send", { send_sms_request: { type: "application", app_key: "a", sms } }, token);
        for (const { code } of answer.data.sms) if (answer.code === "00" && code) sent++;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    return sent;
  };
}

// The processes.

function timed(prepare) {
  return async (baseUrl, count) => {
    const warmUp = await prepare(baseUrl, rows(2_000));
    await warmUp();
    const run = await prepare(baseUrl, rows(Number(count)));
    const cpu = process.cpuUsage();
    const start = performance.now();
    const sent = await run();
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    if (sent !== Number(count)) throw new Error(`${sent} of ${count} were sent.`);
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));
  };
}

async function memory(count) {
  const { CrmClient } = await import("paydunya-crm");
  const token = JSON.stringify({ access_token: "TOKEN", token_type: "bearer", expires_in: 3600 });
  const fetch = async (url, { body }) => {
    // As a network would: not in the same breath.
    await new Promise(setImmediate);
    return { status: 200, text: () => (url.endsWith("login") ? token : answer(body)) };
  };
  const crm = new CrmClient({ userKey: "u", secretKey: "s", appKey: "a", sender: "MaBoutique", fetch });
  let peak = 0;
  let heap = 0;
  let done = 0;
  for await (const { status } of crm.sendAll(rows(Number(count)), { concurrency })) {
    if (status !== "sent") throw new Error(status);
    if (++done % 5_000 === 0) {
      globalThis.gc();
      const { rss, heapUsed } = process.memoryUsage();
      peak = Math.max(peak, rss);
      heap = Math.max(heap, heapUsed);
    }
  }
  console.log(JSON.stringify({ rss: peak / 2 ** 20, heap: heap / 2 ** 20 }));
}

function answer(body) {
  const { sms } = JSON.parse(body).send_sms_request;
  const answered = sms.map(({ from, to, text }, i) => ({ code: `CODE-${i}`, sender_addresss: from, receiver_address: to, text }));
  return JSON.stringify({ code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms: answered } });
}

function serve(latency) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const login = { access_token: "TOKEN", token_type: "bearer", expires_in: 3600 };
    const text = request.url.endsWith("/auth/login") ? JSON.stringify(login) : answer(body);
    const end = () => response.setHeader("Content-Type", "application/json").end(text);
    latency > 0 ? setTimeout(end, latency) : end();
  });
  server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
}

// The comparison.

async function compareAll() {
  const cases = options.quick
    ? [{ latency: 20, count: 10_000, rounds: 1 }]
    : [
        { latency: 20, count: 100_000, rounds: 3 },
        { latency: 0, count: 100_000, rounds: 3 },
      ];
  const results = [];
  for (const { latency, count, rounds } of cases) {
    const server = fork(program, ["serve", String(latency)]);
    const [baseUrl] = await once(server, "message");
    const ratios = { wall: [], cpu: [] };
    const times = [];
    for (let round = 0; round < rounds; round++) {
      const names = ["hand-written loop", "sendAll"];
      if (round % 2 === 1) names.reverse();
      const run = Object.fromEntries(names.map((name) => [name, child([name, baseUrl, String(count)])]));
      times.push(run);
      for (const unit of ["wall", "cpu"]) ratios[unit].push(run.sendAll[unit] / run["hand-written loop"][unit]);
    }
    server.kill();
    const result = { latency, count, wall: median(ratios.wall), cpu: median(ratios.cpu), times };
    results.push(result);
    const ours = times[0].sendAll;
    console.log(
      `${count} messages, ${concurrency} POSTs at once, answers after ${latency} ms: ` +
        `wall ${result.wall.toFixed(2)}, CPU ${result.cpu.toFixed(2)} times the hand-written loop's ` +
        `(${(ours.wall / 1000).toFixed(1)} s, ${(ours.cpu / 1000).toFixed(1)} s of CPU)`,
    );
  }

  const counts = options.quick ? [10_000, 100_000] : [10_000, 100_000, 1_000_000];
  const memories = counts.map((count) => ({ count, ...child(["memory", String(count)]) }));
  for (const { count, rss, heap } of memories) {
    console.log(`${count} messages out of a generator: ${heap.toFixed(1)} MiB of heap, ${rss.toFixed(0)} MiB of process at most`);
  }

  // The compiler's own work and the samples' chance are in it too: a hundred times the messages would need hundreds.
  const budget = { wall: 1.1, growth: 8 };
  const growth = memories.at(-1).heap - memories[0].heap;
  const holds = results[0].wall <= budget.wall && growth <= budget.growth;
  console.log(`wall ${results[0].wall.toFixed(2)}, budget ${budget.wall}; heap grows by ${growth.toFixed(1)} MiB, budget ${budget.growth}: ${holds ? "holds" : "BROKEN"}`);
  if (options.json !== undefined) {
    const machine = { processor: cpus()[0]?.model, processors: cpus().length, node: process.versions.node };
    const record = { date: new Date().toISOString().slice(0, 10), machine, results, memories, budget, holds };
    writeFileSync(options.json, `${JSON.stringify(record, (_, value) => (typeof value === "number" ? Math.round(value * 100) / 100 : value), 2)}\n`);
  }
  process.exitCode = holds ? 0 : 1;
}

function child(programArguments) {
  return JSON.parse(execFileSync(process.execPath, ["--expose-gc", program, ...programArguments], { encoding: "utf8" }));
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
