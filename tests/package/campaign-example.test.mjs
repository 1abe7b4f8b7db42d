// The example of `sendAll`, as a user runs it: against the package's own sandbox, in a folder of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { parse } from "csv-parse/sync";

const installed = dirname(createRequire(import.meta.url).resolve("paydunya-crm/package.json"));

/** A folder with the example, and a sandbox for it. */
async function scene(t, ...flags) {
  // Beside the tests, where the package is installed.
  const folder = mkdtempSync(join(import.meta.dirname, "campaign-"));
  t.after(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(process.env.PAYDUNYA_CRM_ROOT, "examples/campaign.mjs"), join(folder, "campaign.mjs"));
  const server = spawn(process.execPath, [join(installed, "bin/paydunya-crm.mjs"), "sandbox", "--port", "0", ...flags]);
  t.after(() => server.kill());

  let accepted = 0;
  let [goal, reached] = [Infinity];
  const lines = createInterface({ input: server.stdout });
  const [baseUrl] = await once(lines, "line");
  lines.on("line", (line) => {
    accepted += Number(/(\d+) accepted/.exec(line)?.[1] ?? 0);
    if (accepted >= goal) reached();
  });
  const account = { BASE_URL: baseUrl, USER_KEY: "user-key", SECRET_KEY: "secret-key", APP_KEY: "app-key", SENDER: "MaBoutique" };
  const env = Object.fromEntries(Object.entries(account).map(([name, value]) => [`PAYDUNYA_${name}`, value]));

  const start = (file, args) => {
    const child = spawn(file, args, { cwd: folder, env: { ...process.env, ...env } });
    t.after(() => child.kill("SIGKILL"));
    return child;
  };
  return {
    folder,
    /** What the sandbox accepted. */
    sent: async () => (await fetch(new URL("/sandbox/sent", baseUrl))).json(),
    /** Settles as soon as the sandbox has accepted so many. */
    accepts: (count) => new Promise((resolve) => ([goal, reached] = [count, resolve])),
    /** Starts the example. */
    start: (...args) => start(process.execPath, ["campaign.mjs", ...args]),
    /** Starts it as a later run: its clock is so many minutes ahead. */
    startLater(minutes) {
      const ahead = `const { now } = Date; Date.now = () => now() + ${minutes * 60_000};`;
      return start(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(ahead)}`, "campaign.mjs"]);
    },
    /** Starts it in a pseudo terminal, whose keyboard is the standard input. */
    startInTerminal() {
      // Without `exec` a shell that stays, as dash does, ends by the Ctrl-C that was meant for the example.
      const command = `exec '${process.execPath}' campaign.mjs`;
      return start("script", ["--quiet", "--return", "--command", command, "/dev/null"]);
    },
    /** The rows of `not-sent.csv`. */
    notSent: () => parse(readFileSync(join(folder, "not-sent.csv")), { columns: true }),
  };
}

/** What a process writes, and how it ends. */
async function output(child) {
  let [text, errors] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk) => (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (errors += chunk));
  const [code, signal] = await once(child, "close");
  assert.equal(errors, "");
  return { text, end: code ?? signal };
}

/** The counts that it names in the end. */
const counts = (text) => Object.fromEntries([...text.matchAll(/^(\w+) +(\d+)\r?$/gm)].map(([, name, count]) => [name, Number(count)]));

describe("examples/campaign.mjs", () => {
  it("sends 10,000 rows, says what became of them, and writes those that were not sent", async (t) => {
    const { start, folder, sent } = await scene(t, "--balance", "15000");
    const first = await output(start());
    assert.match(first.text, /^total {4}10000\nsent {5}9900\ninvalid {2}100\nsegments \d+\nnot-sent.csv has the 100 /);
    assert.ok(!first.text.includes("\r"), "no line of progress where there is no terminal");
    const rejects = readFileSync(join(folder, "not-sent.csv"), "utf8").trimEnd().split("\n");
    assert.equal(rejects.length, 101);
    assert.match(rejects[1], /^101,77 100009,"Bonjour, votre commande n° 99 .*",invalid,"?to: /);
    assert.deepEqual(await output(start()), first, "run again, it finds all of it in its journal");
    assert.equal((await sent()).length, 9900);
  });

  it("goes on where it was killed in the middle, sends nothing twice, and asks stats for what was in doubt", async (t) => {
    const { start, startLater, accepts, sent, notSent } = await scene(t, "--latency", "20");
    const killed = start();
    const ended = output(killed);
    await Promise.race([accepts(4_900), ended]);
    killed.kill("SIGKILL");
    assert.deepEqual(await ended, { text: "", end: "SIGKILL" });

    const { text, end } = await output(start());
    const { unknown = 0, ...others } = counts(text);
    assert.deepEqual(others, { total: 10_000, sent: 9_900 - unknown, invalid: 100, segments: others.segments });
    // Four POSTs were in flight at most.
    assert.ok(unknown <= 200, `${unknown} in doubt`);
    assert.equal(end, unknown > 0 ? 1 : 0);
    assert.equal(notSent().filter(({ status }) => status === "unknown").length, unknown);
    const accepted = await sent();
    assert.equal(new Set(accepted.map(({ to }) => to)).size, accepted.length, "each once");

    const later = counts((await output(startLater(16))).text);
    assert.deepEqual([later.sent, later.unknown ?? 0], [accepted.length, 9_900 - accepted.length]);
    assert.equal((await sent()).length, accepted.length);
  });

  it("shows its progress in one line of a terminal", async (t) => {
    const { startInTerminal } = await scene(t, "--latency", "20");
    const { text, end } = await output(startInTerminal());
    assert.equal(end, 0);
    const [progress, ...summary] = text.split("\n");
    const lines = progress.trimEnd().split("\r\x1b[K").slice(1);
    assert.ok(lines.length >= 3, text);
    const done = lines.map((line) => {
      const [, done, sent, failed, unknown] = /^(\d+) done: (\d+) sent, (\d+) failed, (\d+) unknown, \d+\/s$/.exec(line);
      assert.equal(Number(done), Number(sent) + Number(failed) + Number(unknown));
      return Number(done);
    });
    assert.ok(done.every((count, place) => place === 0 || count >= done[place - 1]), "it only grows");
    assert.ok(done[0] < 10_000);
    assert.equal(done.at(-1), 10_000);
    assert.match(summary.join("\n"), /^total {4}10000\r\nsent {5}9900\r\n/);
  });

  it("ends in order at Ctrl-C, and goes on when it is run again", async (t) => {
    const { startInTerminal, startLater, accepts, sent } = await scene(t, "--latency", "20");
    const child = startInTerminal();
    const ended = output(child);
    await Promise.race([accepts(3_000), ended]);
    child.stdin.write("\x03");
    const { text, end } = await ended;
    assert.equal(end, 1);
    assert.match(text, /It stopped before the end: aborted\./);
    const { total, segments, ...others } = counts(text);
    assert.ok(segments > 0 && total < 10_000);
    assert.equal(Object.values(others).reduce((sum, count) => sum + count), total, "each row that was read has its outcome");
    assert.ok(others.skipped + (others.notSent ?? 0) > 0, text);
    const before = await sent();
    assert.ok(before.length < 9_000, `${before.length} had left`);

    const { text: last } = await output(startLater(16));
    const accepted = await sent();
    assert.equal(new Set(accepted.map(({ to }) => to)).size, accepted.length, "each once");
    assert.equal(counts(last).sent, accepted.length);
    assert.equal(counts(last).sent + (counts(last).unknown ?? 0), 9_900);
  });

  it("writes the rows that were refused as they were, and why", async (t) => {
    const { folder, start, notSent, sent } = await scene(t, "--senders", "MaBoutique", "--max-segments", "1");
    const long = `Chère Awa, "votre" commande,\nprête depuis hier, vous attend à la boutique ; à bientôt !`;
    const rows = [["77 666 55 44", "Prête, Awa"], ["77 666 55", "Prête"], ["+2250700000146", ""], ["77 666 55 45", long]];
    const csv = rows.map((row) => row.map((field) => `"${field.replaceAll('"', '""')}"`).join(","));
    writeFileSync(join(folder, "mine.csv"), `\uFEFFto,text\r\n${csv.join("\r\n")}\r\n`);
    const { text, end } = await output(start("mine.csv"));
    assert.equal(end, 0);
    assert.deepEqual(counts(text), { total: 4, invalid: 2, refused: 2, segments: 0 });
    assert.deepEqual(
      notSent().map(({ why, ...row }) => ({ ...row, why: why.split(" ", 2)[0] })),
      [
        { row: "2", to: "77 666 55 44", text: "Prête, Awa", status: "refused", why: "ERROR_113" },
        { row: "3", to: "77 666 55", text: "Prête", status: "invalid", why: "to:" },
        { row: "4", to: "+2250700000146", text: "", status: "invalid", why: "text:" },
        { row: "5", to: "77 666 55 45", text: long, status: "refused", why: "ERROR_113" },
      ],
    );
    assert.deepEqual(await sent(), []);
    assert.ok(existsSync(join(folder, "mine.csv.journal")));
  });
});
