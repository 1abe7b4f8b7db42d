// `FileJournal`: what it wrote is there after a kill, one process writes, and a campaign that was killed goes on.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { FileJournal } from "paydunya-crm/node";
import { forbidStrayErrors, rejection, scripted } from "./scripted-fetch.mjs";

forbidStrayErrors();

const sender = { sender: "MaBoutique" };
const rows = (count) => Array.from({ length: count }, (_, i) => ({ to: `+22177${String(i).padStart(7, "0")}`, text: `Message ${i}`, id: `id-${i}` }));

/** A folder beside the tests, where the package is installed. */
function folder(t) {
  const path = mkdtempSync(join(import.meta.dirname, "journal-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

async function lines(journal) {
  const read = [];
  for await (const line of journal.read()) read.push(line);
  return read;
}

/** A process that runs a program, and the lines that it writes. */
function child(t, cwd, program, ...args) {
  const running = spawn(process.execPath, ["--input-type=module", "--eval", program, ...args], { cwd, stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => running.kill("SIGKILL"));
  return running;
}

describe("a FileJournal", () => {
  it("gives back what was appended, also to the next process", async (t) => {
    const path = join(folder(t), "a.journal");
    const journal = await FileJournal.open(path);
    await Promise.all(["one", "two", "\nthree"].map((line) => journal.append(line)));
    assert.deepEqual(await lines(journal), ["one", "two", "", "three"]);
    await journal.close();
    await journal.close();
    assert.ok(!existsSync(`${path}.lock`));
    await assert.rejects(journal.append("four"), /was closed/);
    const again = await FileJournal.open(path);
    await again.append("four");
    assert.deepEqual(await lines(again), ["one", "two", "", "three", "four"]);
    await again.close();
  });

  it("can be read by its owner alone", { skip: process.platform === "win32" }, async (t) => {
    const path = join(folder(t), "a.journal");
    const journal = await FileJournal.open(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    await journal.close();
  });

  it("has every line that it acknowledged before its process was killed", async (t) => {
    const path = folder(t);
    const program = `
      import { FileJournal } from "paydunya-crm/node";
      const journal = await FileJournal.open("a.journal");
      for (let i = 0; ; i++) await Promise.all([0, 1, 2].map((n) => journal.append(\`\${i}-\${n} \${"x".repeat(300)}\`).then(() => console.log(\`\${i}-\${n}\`))));`;
    for (let round = 0; round < 3; round++) {
      const running = child(t, path, program);
      let said = "";
      running.stdout.setEncoding("utf8").on("data", (text) => {
        said += text;
        if (said.length > 400) running.kill("SIGKILL");
      });
      await once(running, "close");
      const acknowledged = said.split("\n").slice(0, -1);
      assert.ok(acknowledged.length > 40);
      const written = new Set(readFileSync(join(path, "a.journal"), "utf8").split("\n").map((line) => line.split(" ")[0]));
      assert.deepEqual(acknowledged.filter((line) => !written.has(line)), []);
      // The lock that it left keeps nobody out.
      const next = await FileJournal.open(join(path, "a.journal"));
      await next.close();
    }
  });

  it("is written by one process at a time", async (t) => {
    const path = folder(t);
    const program = `
      import { FileJournal } from "paydunya-crm/node";
      await FileJournal.open("a.journal").then(() => console.log("open"), (error) => console.log(error.message));
      setInterval(() => {}, 1000);`;
    const first = child(t, path, program);
    assert.match(String((await once(first.stdout, "data"))[0]), /^open/);
    await assert.rejects(FileJournal.open(join(path, "a.journal")), new RegExp(`is open in process ${first.pid}\\. Close it there first`));
    first.kill("SIGKILL");
    await once(first, "close");
    const journal = await FileJournal.open(join(path, "a.journal"));
    await assert.rejects(FileJournal.open(join(path, "a.journal")), /is open in process/);
    await journal.close();
  });

  it("is opened by one of many who find a lock that was left over", async (t) => {
    const path = join(folder(t), "a.journal");
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", token: "t" }));
    await assert.rejects(FileJournal.open(path), /is open in process 1/);
    const old = new Date(Date.now() - 120_000);
    // At one line all try at once, at the next each writes to what it has and closes it.
    const program = `
      import { createInterface } from "node:readline";
      import { FileJournal } from "paydunya-crm/node";
      let journals;
      for await (const line of createInterface({ input: process.stdin })) {
        if (line === "open") {
          const opened = await Promise.allSettled([0, 1, 2, 3].map(() => FileJournal.open("a.journal")));
          journals = opened.filter(({ status }) => status === "fulfilled").map(({ value }) => value);
          console.log(JSON.stringify(opened.map(({ reason }) => reason?.message ?? "open")));
        } else {
          await Promise.all(journals.map((journal) => journal.append(line).then(() => journal.close())));
          console.log('["closed"]');
        }
      }`;
    const processes = Array.from({ length: 6 }, () => child(t, dirname(path), program));
    const answers = processes.map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
    const all = async (line) => {
      for (const { stdin } of processes) stdin.write(`${line}\n`);
      return (await Promise.all(answers.map((lines) => lines.next()))).flatMap(({ value }) => JSON.parse(value));
    };
    for (let round = 0; round < 10; round++) {
      writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", token: `t${round}` }));
      utimesSync(`${path}.lock`, old, old);
      const said = await all("open");
      assert.deepEqual(said.filter((words) => !/is open in (another )?process/.test(words)), ["open"]);
      await all("close");
    }
    for (const { stdin } of processes) stdin.end();
    for (const running of processes) if (running.exitCode === null) await once(running, "close");
    // Nothing else stays beside the journal.
    assert.deepEqual(readdirSync(dirname(path)), ["a.journal"]);
  });

  it("is opened where a process was killed while it removed a lock that was left over", async (t) => {
    const path = join(folder(t), "a.journal");
    const lock = JSON.stringify({ pid: 1, host: "elsewhere", token: "t" });
    const claim = `${path}.lock.${createHash("sha256").update(lock).digest("hex").slice(0, 16)}`;
    const old = new Date(Date.now() - 120_000);
    for (const file of [`${path}.lock`, claim]) {
      writeFileSync(file, lock);
      utimesSync(file, old, old);
    }
    const journal = await FileJournal.open(path);
    await journal.append("line");
    await journal.close();
    assert.deepEqual(readdirSync(dirname(path)), ["a.journal"]);
  });

  it("writes nothing more when another took its lock while it slept", async (t) => {
    const path = join(folder(t), "a.journal");
    const journal = await FileJournal.open(path);
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "elsewhere", token: "t" }));
    await assert.rejects(journal.append("line"), /another process took/);
    await assert.rejects(journal.append("line"), /another process took/);
    await journal.close();
    assert.equal(readFileSync(path, "utf8"), "");
  });

  it("is not opened in a folder that cannot be written", { skip: process.getuid?.() === 0 }, async (t) => {
    const path = folder(t);
    chmodSync(path, 0o500);
    await assert.rejects(FileJournal.open(join(path, "a.journal")), { code: "EACCES" });
    chmodSync(path, 0o700);
  });

  it("is not opened in a folder that is not there", async (t) => {
    const path = join(folder(t), "none", "a.journal");
    await assert.rejects(FileJournal.open(path), { code: "ENOENT" });
    await assert.rejects(FileJournal.open(path), { code: "ENOENT" });
  });

  it("rejects where the disk is full", { skip: !existsSync("/dev/full") }, async (t) => {
    const path = join(folder(t), "a.journal");
    symlinkSync("/dev/full", path);
    const journal = await FileJournal.open(path);
    await assert.rejects(journal.append("line"), { code: "ENOSPC" });
    await assert.rejects(journal.append("line"), { code: "ENOSPC" });
    await journal.close();
  });
});

/** An API that counts what it accepts, and says when a send came. */
async function api(t, onSend = () => {}) {
  const sent = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const json = JSON.parse(body);
    response.setHeader("Content-Type", "application/json");
    if (request.url.endsWith("/login")) return response.end('{"access_token":"T","token_type":"bearer","expires_in":3600}');
    if (request.url.endsWith("/stats")) {
      const valid = json.sms_sent.filters.receiver_address.map(({ value }) => ({
        [value.slice(1)]: sent.filter(({ to }) => to === value).map(({ to, text }) => ({ code: `CODE-${to}`, content: text })),
      }));
      return response.end(JSON.stringify({ code: "00", data: { valid_number: valid } }));
    }
    const { sms } = json.send_sms_request;
    sent.push(...sms);
    const answered = sms.map(({ to, text }) => ({ code: `CODE-${to}`, receiver_address: to, text }));
    if (onSend(sent.length) === "hang") return;
    response.end(JSON.stringify({ code: "00", data: { sms: answered } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => (server.closeAllConnections(), server.close()));
  return { sent, baseUrl: `http://127.0.0.1:${server.address().port}` };
}

const keys = { userKey: "u", secretKey: "s", appKey: "a", ...sender };
const campaign = `
  import { CrmClient } from "paydunya-crm";
  import { FileJournal } from "paydunya-crm/node";
  const rows = ${rows};
  const journal = await FileJournal.open("a.journal");
  const crm = new CrmClient({ ...${JSON.stringify(keys)}, baseUrl: process.argv[1] });
  await crm.sendAll(rows(400), { journal, concurrency: 2 }).report();`;

describe("a campaign with a journal", () => {
  it("goes on where its process was killed, sends nothing twice, and stats settle the rest", async (t) => {
    const path = folder(t);
    let running;
    const killAt = [150, 200];
    const { sent, baseUrl } = await api(t, (count) => {
      if (running === undefined || count < killAt[0]) return undefined;
      killAt.shift();
      running.kill("SIGKILL");
      return "hang";
    });
    for (let round = 0; round < 2; round++) {
      running = child(t, path, campaign, baseUrl);
      await once(running, "close");
      assert.equal(running.signalCode, "SIGKILL");
    }
    running = undefined;
    const journal = await FileJournal.open(join(path, "a.journal"));
    t.after(() => journal.close());
    const client = new CrmClient({ ...keys, baseUrl });
    const report = await client.sendAll(rows(400), { journal }).report();
    // Of the two POSTs in flight one may have been noted in the journal, and killed before it left: it stays held.
    const arrived = sent.length;
    const lost = 400 - arrived;
    assert.ok([0, 50, 100].includes(lost), `${lost} did not arrive`);
    assert.equal(new Set(sent.map(({ to }) => to)).size, arrived);
    assert.ok(report.unknown >= 100);
    assert.equal(report.sent + report.unknown, 400);

    assert.deepEqual(await client.reconcile(journal), { asked: 0, sent: 0, held: report.unknown });
    assert.deepEqual(await client.reconcile(journal, { settle: 0 }), { asked: report.unknown, sent: report.unknown - lost, held: lost });
    const outcomes = [];
    for await (const outcome of client.sendAll(rows(400), { journal })) outcomes.push(outcome);
    const settled = outcomes.filter(({ status, code, message }) => status === "sent" && code === `CODE-${message.to}`);
    assert.equal(settled.length, arrived);
    assert.equal(outcomes.filter(({ status }) => status === "unknown").length, lost);
    assert.equal(sent.length, arrived);
  });

  it("goes on behind a line that was torn, again and again", async (t) => {
    const path = join(folder(t), "a.journal");
    for (let round = 0; round < 4; round++) {
      const { client, count } = scripted({}, sender);
      const journal = await FileJournal.open(path);
      const report = await client.sendAll(rows(60 + round), { journal }).report();
      assert.deepEqual([report.sent, report.unknown, count("send")], [60 + round, 0, round === 0 ? 2 : 1]);
      await journal.close();
      appendFileSync(path, round % 2 ? "0123" : "deadbeef 9 9 [\"intent\",17000");
    }
  });

  it("says which line is damaged, and sends nothing", async (t) => {
    const path = join(folder(t), "a.journal");
    const { client, requests } = scripted({}, sender);
    let journal = await FileJournal.open(path);
    await client.sendAll(rows(120), { journal }).report();
    await journal.close();
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace("id-7\"", "id-8\""));
    const before = requests.length;
    journal = await FileJournal.open(path);
    const error = await rejection(client.sendAll(rows(120), { journal }).report());
    assert.equal(error.kind, "invalid");
    assert.match(error.message, /^journal, line 2: .*Nothing was sent/);
    assert.match((await rejection(client.reconcile(journal))).message, /^journal, line 2: /);
    assert.equal(requests.length, before);
    await journal.close();
  });

  it("holds numbers and hashes, and no text", async (t) => {
    const path = join(folder(t), "a.journal");
    const { client } = scripted({}, sender);
    const journal = await FileJournal.open(path);
    await client.sendAll(rows(2), { journal }).report();
    await journal.close();
    const text = readFileSync(path, "utf8");
    assert.ok(text.includes("+221770000001") && text.includes("id-1"));
    assert.ok(!text.includes("Message"));
  });
});

describe("a journal of your own", () => {
  const memory = () => {
    const kept = [];
    return { kept, append: async (line) => void kept.push(line), read: () => kept };
  };

  it("may be an array, with one line for each append", async () => {
    const journal = memory();
    const { client, count } = scripted({}, sender);
    await client.sendAll(rows(120), { journal }).report();
    assert.equal(journal.kept.length, 1 + 3 * 2);
    const report = await client.sendAll(rows(120), { journal }).report();
    assert.deepEqual([report.sent, count("send")], [120, 3]);
  });

  it("stops the campaign before anything leaves, where it cannot be written", async () => {
    for (const append of [() => Promise.reject(new Error("full")), () => { throw new Error("full"); }]) {
      const { client, count } = scripted({}, sender);
      const { client: later, count: sends } = scripted({}, sender);
      const error = await rejection(client.sendAll(rows(3), { journal: { append, read: () => [] } }).report());
      assert.equal(error.cause.message, "full");
      assert.equal(count("send"), 0);
      let appended = 0;
      const journal = { append: () => (appended++ === 0 ? Promise.resolve() : append()), read: () => [] };
      const report = await later.sendAll(rows(3), { journal }).report();
      assert.deepEqual([report.stoppedBecause, report.notSent, sends("send")], ["journal", 3, 0]);
    }
  });

  it("sends nothing while a source that fails could be another one", async () => {
    const journal = memory();
    const { client, count } = scripted({}, sender);
    const nameless = rows(120).map(({ to, text }) => ({ to, text }));
    const first = nameless.map((row, i) => (i === 4 ? { ...row, to: "+22177" } : row));
    assert.equal((await client.sendAll(first, { journal }).report()).sent, 119);
    const failing = function* () {
      yield* nameless.slice(0, 40);
      throw new Error("the source");
    };
    const report = await client.sendAll(failing(), { journal }).report();
    assert.deepEqual([report.stoppedBecause, report.sent, report.skipped], ["source", 39, 1]);
    assert.equal(count("send"), 3);
    assert.equal((await client.sendAll(nameless, { journal }).report()).sent, 120);
    assert.match((await rejection(client.sendAll(nameless.slice(1), { journal }).report())).message, /message 0 is not the one/);
    assert.equal(count("send"), 4);
  });

  it("rejects where it cannot be read, or gives no lines", async () => {
    const append = async () => {};
    for (const read of [() => { throw new Error("no"); }, () => undefined, () => [1], async function* () { throw new Error("no"); }]) {
      const { client, requests } = scripted({}, sender);
      const error = await rejection(client.sendAll(rows(3), { journal: { append, read } }).report());
      assert.equal(error.kind, "invalid");
      assert.equal(requests.length, 0);
    }
  });

  it("serves one campaign at a time", async () => {
    const journal = memory();
    const { client } = scripted({}, sender);
    const first = client.sendAll(rows(3), { journal }).report();
    assert.match((await rejection(client.sendAll(rows(3), { journal }).report())).message, /another campaign or reconcile uses it/);
    await first;
    assert.equal((await client.sendAll(rows(3), { journal }).report()).sent, 3);
    assert.deepEqual(await client.reconcile(journal), { asked: 0, sent: 0, held: 0 });
  });

  it("is refused where it is none", async () => {
    const { client } = scripted({}, sender);
    for (const journal of [null, 5, "a.journal", {}, { append() {} }]) {
      assert.throws(() => client.sendAll(rows(3), { journal }), { kind: "invalid" });
      assert.equal((await rejection(client.reconcile(journal))).kind, "invalid");
    }
    assert.equal((await rejection(client.reconcile(memory(), { settel: 5 }))).issues[0].reason, "unknown-option");
  });

  it("gives a held message to the caller who asks for it again", async () => {
    const journal = memory();
    const lost = scripted({ send: () => Promise.reject(new TypeError("fetch failed")) }, sender);
    assert.equal((await lost.client.sendAll(rows(1), { journal }).report()).unknown, 1);
    const { client, count } = scripted({ stats: () => new Response(JSON.stringify({ code: "00", data: { valid_number: [] } })) }, sender);
    assert.deepEqual(await client.reconcile(journal, { settle: 0 }), { asked: 1, sent: 0, held: 1 });
    assert.equal((await client.sendAll(rows(1), { journal }).report()).unknown, 1);
    assert.equal(count("send"), 0);
    assert.deepEqual(await client.reconcile(journal, { settle: 0, requeue: true }), { asked: 1, sent: 0, held: 0 });
    assert.equal((await client.sendAll(rows(1), { journal }).report()).sent, 1);
    assert.equal(count("send"), 1);
  });
});
