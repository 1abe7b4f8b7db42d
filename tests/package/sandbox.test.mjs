// The sandbox, in memory and as a server, as a user of the package has it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { CrmClient } from "paydunya-crm";
import { Sandbox } from "paydunya-crm/sandbox";

const base = "https://crm.paydunya.com/api/v1";
const keys = { userKey: "user-key", secretKey: "secret-key", appKey: "app-key" };
const message = { from: "MaBoutique", to: "+221776665544", text: "Votre commande est prête." };

const post = (fetch, url, body, token, init) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    ...init,
  });
const login = async (fetch, url = base) => {
  const answer = await post(fetch, `${url}/auth/login`, { user_key: "user-key", secret_key: "secret-key" });
  return (await answer.json()).access_token;
};
const batch = (...sms) => ({ send_sms_request: { type: "application", app_key: "app-key", sms } });

/** A sandbox in memory, and a `send` that is logged in. */
async function account(options) {
  const sandbox = new Sandbox(options);
  const token = await login(sandbox.fetch);
  return { sandbox, send: (init) => post(sandbox.fetch, `${base}/sms/send`, batch(message), token, init) };
}
const onFirstSend = (fault) => ({ faults: [{ on: "send", nth: 1, ...fault }] });

describe("the sandbox in memory", () => {
  it("serves a client", async () => {
    const sandbox = new Sandbox();
    const client = new CrmClient({ ...keys, sender: "MaBoutique", fetch: sandbox.fetch });
    await client.send([{ to: message.to, text: message.text }]);
    const stats = await client.stats({ receivers: [message.to] });

    assert.deepEqual(stats.validNumbers, [
      { number: message.to, sms: [{ code: sandbox.sent[0].code, content: message.text }] },
    ]);
  });

  it("lists what it accepted, and what was asked of it", async () => {
    const { sandbox, send } = await account();
    const answer = await send();

    assert.ok(answer instanceof Response);
    assert.equal((await answer.json()).data.sms[0].code, "SMS-000001");
    const { sentAt, ...sms } = sandbox.sent[0];
    assert.deepEqual(sms, { code: "SMS-000001", ...message, segments: 1 });
    assert.ok(Math.abs(Date.now() - sentAt) < 60_000);
    assert.deepEqual(
      sandbox.requests.map(({ at, ...request }) => request),
      [
        { call: "login", status: 200, code: null, accepted: 0, fault: null, reason: null },
        { call: "send", status: 200, code: "00", accepted: 1, fault: null, reason: null },
      ],
    );
  });

  it("gives lists that stay as they are", async () => {
    const { sandbox, send } = await account();
    const before = sandbox.sent;
    await send();

    assert.equal(before.length, 0);
    assert.equal(sandbox.sent.length, 1);
    assert.equal(sandbox.sent, sandbox.sent);
    assert.throws(() => sandbox.sent.push({}), TypeError);
    assert.throws(() => (sandbox.sent[0].text = ""), TypeError);
  });

  it("has a fetch that needs no `this` and takes all that fetch takes", async () => {
    const { fetch } = new Sandbox();
    const body = JSON.stringify({ user_key: "user-key", secret_key: "secret-key" });
    const headers = new Headers({ "Content-Type": "application/json" });
    const init = { method: "POST", headers, body };

    for (const input of [
      [`${base}/auth/login`, init],
      [new URL(`${base}/auth/login?x=1`), init],
      [new Request(`${base}/auth/login`, init)],
      [`${base}/auth/login`, { ...init, body: new TextEncoder().encode(body) }],
      [`${base}/auth/login`, { ...init, signal: null, redirect: "manual" }],
    ]) {
      assert.equal((await fetch(...input)).status, 200);
    }
    await assert.rejects(fetch("/auth/login", init), TypeError);
  });

  it("takes nothing but a POST to one of three paths", async () => {
    const { fetch } = new Sandbox();
    assert.equal((await fetch(`${base}/auth/login`)).status, 405);
    assert.equal((await fetch(`${base}/sms`, { method: "POST" })).status, 404);
  });

  it("logs out, and starts again", async () => {
    const { sandbox, send } = await account({ balance: 1 });
    assert.equal(sandbox.balance, 1);
    await send();
    assert.equal(sandbox.balance, 0);

    sandbox.logout();
    assert.equal((await (await send()).json()).code, "ERROR_124");

    sandbox.reset();
    assert.equal(sandbox.balance, 1);
    assert.deepEqual([sandbox.sent, sandbox.requests], [[], []]);
    assert.equal((await (await send()).json()).code, "ERROR_122");
    assert.equal(new Sandbox().balance, Infinity);
  });

  it("lets a token grow old by the clock of the test runner", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    const { send } = await account({ tokenLifetime: 120 });

    t.mock.timers.tick(119_000);
    assert.equal((await send()).status, 200);
    t.mock.timers.tick(1_000);
    assert.equal((await (await send()).json()).code, "ERROR_121");
  });

  it("names an option that is wrong", () => {
    for (const [options, name] of [
      [{ blance: 5 }, "blance"],
      [{ onSend() {} }, "onSend"],
      [{ balance: "5" }, "balance"],
      [{ balance: 5n }, "balance"],
      [{ latency: NaN }, "latency"],
      [{ senders: () => [] }, "senders"],
      [{ userKey: Symbol("key") }, "userKey"],
      [onFirstSend({ fault: "rest" }), "faults[0].fault"],
      [null, "options"],
      [() => {}, "options"],
      ["user-key", "options"],
    ]) {
      assert.throws(
        () => new Sandbox(options),
        (error) => error instanceof TypeError && error.message.includes(name),
        name,
      );
    }
    assert.ok(new Sandbox({ balance: undefined }));
  });

  it("reads own options alone", (t) => {
    Object.prototype.balance = "none";
    t.after(() => delete Object.prototype.balance);
    assert.equal(new Sandbox({}).balance, Infinity);
  });

  for (const [fault, accepted] of [
    ["reset-before", 0],
    ["reset-after", 1],
  ]) {
    it(`rejects as Node does when the connection is reset (${fault})`, async () => {
      const { sandbox, send } = await account(onFirstSend({ fault }));
      const error = await send().catch((error) => error);

      assert.ok(error instanceof TypeError);
      assert.equal(error.message, "fetch failed");
      assert.equal(error.cause.code, "ECONNRESET");
      assert.equal(error.cause.syscall, "read");
      assert.equal(sandbox.sent.length, accepted);
      assert.equal((await send()).status, 200);
    });
  }

  for (const [fault, accepted] of [
    ["hang", 0],
    ["hang-after", 1],
  ]) {
    it(`is silent until the signal is aborted (${fault})`, async () => {
      const { sandbox, send } = await account(onFirstSend({ fault }));
      const controller = new AbortController();
      const answer = send({ signal: controller.signal });
      await until(() => sandbox.requests.length === 2);
      controller.abort("enough");

      await assert.rejects(answer, (reason) => reason === "enough");
      assert.equal(sandbox.sent.length, accepted);
      assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    });
  }

  it("breaks the answer off in the middle", async () => {
    const { sandbox, send } = await account(onFirstSend({ fault: "half" }));
    const answer = await send();
    assert.equal(answer.status, 200);
    const reader = answer.body.getReader();
    const { value } = await reader.read();
    assert.ok(new TextDecoder().decode(value).startsWith('{"code":"00"'));
    await assert.rejects(reader.read(), (error) => error.message === "terminated" && error.cause.code === "ECONNRESET");
    assert.equal(sandbox.sent.length, 1);
  });

  it("falls silent in the middle of the answer", async () => {
    const { send } = await account({ faults: [{ on: "send", fault: "half-hang" }] });
    const controller = new AbortController();
    const answer = await send({ signal: controller.signal });
    const body = answer.text();
    await until(() => getEventListeners(controller.signal, "abort").length === 1);
    controller.abort("enough");
    await assert.rejects(body, (reason) => reason === "enough");

    const other = new AbortController();
    const reader = (await send({ signal: other.signal })).body.getReader();
    await reader.read();
    const rest = reader.read();
    await reader.cancel();
    assert.equal((await rest).done, true);
    assert.equal(getEventListeners(other.signal, "abort").length, 0);
  });

  it("answers late, and an abort meanwhile does not take the SMS back", async (t) => {
    const { sandbox, send } = await account(onFirstSend({ fault: "slow", latency: 5_000 }));
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const controller = new AbortController();
    const late = send({ signal: controller.signal });
    await until(() => sandbox.requests.length === 2);
    controller.abort();
    await assert.rejects(late, { name: "AbortError" });
    assert.equal(sandbox.sent.length, 1);

    sandbox.reset();
    const token = await login(sandbox.fetch);
    const answer = post(sandbox.fetch, `${base}/sms/send`, batch(message), token, { signal: new AbortController().signal });
    let arrived = false;
    answer.then(() => (arrived = true));
    await until(() => sandbox.requests.length === 2);
    t.mock.timers.tick(4_999);
    await turn();
    assert.equal(arrived, false);
    t.mock.timers.tick(1);
    assert.equal((await answer).status, 200);
  });

  it("does nothing for a signal that is aborted already", async () => {
    const { sandbox, send } = await account();
    await assert.rejects(send({ signal: AbortSignal.abort("before") }), (reason) => reason === "before");
    assert.equal(sandbox.requests.length, 1);
  });

  it("gives other answers than the API's", async () => {
    for (const [fault, status, content] of [
      [{ fault: "html", status: 502 }, 502, "<!DOCTYPE html>"],
      [{ fault: "garbage", body: "\u0000garbage" }, 200, "\u0000garbage"],
      [{ fault: "empty" }, 200, ""],
      [{ fault: "status", status: 429, retryAfter: 7 }, 429, ""],
      [{ fault: "status", status: 204 }, 204, ""],
      [{ fault: "status", status: 302, body: "elsewhere" }, 302, "elsewhere"],
      [{ fault: "code", code: "ERROR_116" }, 500, '{"code":"ERROR_116"'],
    ]) {
      const { sandbox, send } = await account(onFirstSend(fault));
      const answer = await send();
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("retry-after"), fault.retryAfter?.toString() ?? null);
      assert.ok((await answer.text()).startsWith(content));
      assert.equal(sandbox.requests.at(-1).fault, fault.fault);
    }
  });
});

const manifest = createRequire(import.meta.url).resolve("paydunya-crm/package.json");
const { bin, version } = JSON.parse(readFileSync(manifest, "utf8"));
const command = join(dirname(manifest), bin["paydunya-crm"]);
const run = (...flags) => spawn(process.execPath, [command, ...flags], { stdio: ["ignore", "pipe", "pipe"] });

/** What a command that ends by itself prints. */
async function ended(...flags) {
  const child = run(...flags);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code, stdout, stderr };
}

/** A server that runs until the test is over; `lines` are those of its output so far. */
async function served(t, ...flags) {
  const child = run("sandbox", "--port", "0", ...flags);
  t.after(() => child.kill("SIGKILL"));
  const lines = [];
  const reader = createInterface(child.stdout).on("line", (line) => lines.push(line));
  const [url] = await Promise.race([
    once(reader, "line"),
    text(child.stderr).then((error) => assert.fail(error || "the server ended")),
  ]);
  return { child, lines, url, origin: new URL(url).origin };
}

describe("the sandbox as a server", () => {
  it("prints its base URL first, and serves the API there", async (t) => {
    const { url, origin } = await served(t);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/api\/v1$/);

    const token = await login(fetch, url);
    const answer = await post(fetch, `${url}/sms/send`, batch(message), token);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.equal((await answer.json()).code, "00");
    const [{ sentAt, ...sms }] = await (await fetch(`${origin}/sandbox/sent`)).json();
    assert.deepEqual(sms, { code: "SMS-000001", ...message, segments: 1 });
    const requests = await (await fetch(`${origin}/sandbox/requests`)).json();
    assert.deepEqual(
      requests.map(({ call }) => call),
      ["login", "send"],
    );
  });

  it("serves a client", async (t) => {
    const { url, origin } = await served(t);
    const client = new CrmClient({ ...keys, sender: "MaBoutique", baseUrl: url });
    await client.send([{ to: message.to, text: message.text }]);
    assert.equal((await (await fetch(`${origin}/sandbox/sent`)).json()).length, 1);
  });

  it("logs out and starts again on request", async (t) => {
    const { url, origin } = await served(t);
    const token = await login(fetch, url);
    const send = async () => (await (await post(fetch, `${url}/sms/send`, batch(message), token)).json()).code;

    assert.equal((await fetch(`${origin}/sandbox/logout`, { method: "POST" })).status, 204);
    assert.equal(await send(), "ERROR_124");
    assert.equal((await fetch(`${origin}/sandbox/reset`, { method: "POST" })).status, 204);
    assert.equal(await send(), "ERROR_122");
  });

  it("takes every option as a flag", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "paydunya-crm-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const faults = join(folder, "faults.json");
    writeFileSync(faults, JSON.stringify([{ on: "login", nth: 1, fault: "status", status: 503 }]));
    const { url, lines } = await served(
      t,
      ...["--user-key=u", "--secret-key=s", "--app-key=a", "--balance=3", "--token-lifetime=60", "--single-token"],
      ...["--senders=MaBoutique,Autre", "--max-segments=2", "--latency=1", "--faults", faults],
    );
    const attempt = () => post(fetch, `${url}/auth/login`, { user_key: "u", secret_key: "s" });

    assert.equal((await attempt()).status, 503);
    const { access_token: token, expires_in: lifetime } = await (await attempt()).json();
    assert.equal(lifetime, 60);
    const request = batch({ ...message, from: "Inconnu" });
    request.send_sms_request.app_key = "a";
    const answer = await (await post(fetch, `${url}/sms/send`, request, token)).json();
    assert.equal(answer.data.sms[0].sender_addresss, "SMS-TEST");
    assert.ok(lines.some((line) => line.includes("balance: 3 segments")));
  });

  it("prints a line per request, without keys, tokens, texts and numbers", async (t) => {
    const { url, origin, lines } = await served(t, "--secret-key", "canary-secret", "--app-key", "app-key");
    const answer = await post(fetch, `${url}/auth/login`, { user_key: "user-key", secret_key: "canary-secret" });
    const token = (await answer.json()).access_token;
    await post(fetch, `${url}/sms/send`, batch({ ...message, text: "canary-text" }), token);
    await post(fetch, `${url}/sms/send`, batch({ ...message, text: "canary-text", to: "+22177666554" }), token);
    await fetch(`${origin}/api/v2/%1b[31m/221776665544?secret=canary-query`);
    await until(() => lines.length === 8);

    assert.match(lines[4], /^\d\d:\d\d:\d\d {2}login {2}200$/);
    assert.match(lines[5], /^\d\d:\d\d:\d\d {2}send {2}200 {2}00 {2}1 accepted$/);
    assert.match(lines[6], /^\d\d:\d\d:\d\d {2}send {2}422 {2}ERROR_110 {2}sms\[0\]\.to: /);
    assert.match(lines[7], /^\d\d:\d\d:\d\d {2}GET \/api\/v2\/[\w?]+\/# {2}404$/);
    const output = lines.join("\n");
    for (const secret of ["canary", token, "776665544", "77666554", "\u001b"]) assert.ok(!output.includes(secret), secret);
  });

  it("carries faults out on the connection", async (t) => {
    const faults = ["reset-before", "reset-after", "half", "half-hang", "hang", "hang-after"];
    const { url, origin } = await served(
      t,
      "--faults",
      JSON.stringify(faults.map((fault, index) => ({ on: "send", nth: index + 1, fault }))),
    );
    const token = await login(fetch, url);
    const send = (init) => post(fetch, `${url}/sms/send`, batch(message), token, init);
    const accepted = async () => (await (await fetch(`${origin}/sandbox/sent`)).json()).length;
    const requests = async () => (await (await fetch(`${origin}/sandbox/requests`)).json()).length;

    for (const count of [0, 1]) {
      await assert.rejects(send(), (error) => error.message === "fetch failed" && error.cause.code === "ECONNRESET");
      assert.equal(await accepted(), count);
    }

    const half = await send();
    assert.equal(half.status, 200);
    const reader = half.body.getReader();
    assert.ok(new TextDecoder().decode((await reader.read()).value).startsWith('{"code":"00"'));
    await assert.rejects(reader.read(), (error) => error.cause.code === "ECONNRESET");
    assert.equal(await accepted(), 2);

    const controller = new AbortController();
    const silent = (await send({ signal: controller.signal })).body.getReader();
    assert.ok((await silent.read()).value.length > 0);
    controller.abort("enough");
    await assert.rejects(silent.read());
    assert.equal(await accepted(), 3);

    for (const [seen, count] of [
      [6, 3],
      [7, 4],
    ]) {
      const controller = new AbortController();
      const answer = send({ signal: controller.signal });
      answer.catch(() => {});
      await until(async () => (await requests()) === seen);
      controller.abort("enough");
      await assert.rejects(answer, (reason) => reason === "enough");
      assert.equal(await accepted(), count);
    }
  });

  it("refuses a body of more than 1 MiB", async (t) => {
    const { url } = await served(t);
    const answer = await fetch(`${url}/auth/login`, { method: "POST", body: "x".repeat(1024 * 1024 + 1) });
    assert.equal(answer.status, 413);
  });

  for (const signal of ["SIGINT", "SIGTERM"]) {
    it(`stops at once on ${signal}, also with a request under way`, async (t) => {
      const { child, url, lines } = await served(t, "--faults", '[{"on":"login","fault":"hang"}]');
      const answer = login(fetch, url);
      answer.catch(() => {});
      await until(() => lines.some((line) => line.includes("no answer")));
      child.kill(signal);

      assert.deepEqual(await once(child, "exit"), [0, null]);
      await assert.rejects(answer);
    });
  }

  it("says in one sentence that the port is in use", async (t) => {
    const { origin } = await served(t);
    const { code, stdout, stderr } = await ended("sandbox", "--port", new URL(origin).port);

    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^paydunya-crm: port \d+ of 127\.0\.0\.1 is in use: choose another, or 0 for a free one\n$/);
  });

  for (const [flags, sentence] of [
    [[], "there is one command"],
    [["sandbx"], "there is one command"],
    [["sandbox", "9000"], "only flags stand behind `sandbox`, such as --port 9000"],
    [["sandbox", "--senders", "A", "B"], "only flags stand behind `sandbox`, such as --port 9000"],
    [["sandbox", "--prt", "1"], "Unknown option '--prt'"],
    [["sandbox", "--port"], "Option '--port <value>' argument missing"],
    [["sandbox", "--port", "65536"], "--port must be a number from 0 to 65535"],
    [["sandbox", "--port", "http"], "--port must be a number from 0 to 65535"],
    [["sandbox", "--host", "0.0.0.0"], "--host must be 127.0.0.1, ::1 or localhost"],
    [["sandbox", "--balance", "much"], "--balance must be a whole number from 0"],
    [["sandbox", "--token-lifetime", "1h"], "--token-lifetime must be a whole number from 0"],
    [["sandbox", "--senders", "Épicerie"], "--senders[0] is not a sender"],
    [["sandbox", "--faults", "nowhere.json"], "--faults must be a JSON array or a file that holds one: ENOENT"],
    [["sandbox", "--faults", "[{"], "--faults is not JSON"],
    [["sandbox", "--faults", '[{"on":"send","fault":"rest"}]'], "--faults[0].fault must be reset-before"],
  ]) {
    it(`refuses \`${["paydunya-crm", ...flags].join(" ")}\` in one sentence`, async () => {
      const { code, stdout, stderr } = await ended(...flags);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.ok(stderr.startsWith(`paydunya-crm: ${sentence}`), stderr);
      assert.equal(stderr.trimEnd().split("\n").length, 1);
    });
  }

  it("says its usage and its version", async () => {
    const help = await ended("--help");
    assert.equal(help.code, 0);
    assert.match(help.stdout, /^Usage: paydunya-crm sandbox/);
    assert.deepEqual(await ended("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Waits for what is bound to come; the test runner's own timeout ends it otherwise. */
async function until(condition) {
  while (!(await condition())) await turn();
}
