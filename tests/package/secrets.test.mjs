// What nobody may read in a log: keys, tokens, texts and numbers go through every call and every fault, and what comes
// out is searched for them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CrmClient } from "paydunya-crm";
import { calls, canaries, faults, outcome, patience, shown, wrongOptions } from "./canaries.mjs";
import { hurried, rejection } from "./scripted-fetch.mjs";

const found = (text) => Object.entries(canaries).filter(([, canary]) => text.includes(canary));

/** Asserts that a canary is in nothing that a program could print of a value. */
function hidden(value, what) {
  const text = shown(value);
  assert.deepEqual(found(text), [], `${what}: ${text}`);
}

/** The same of an error, but for a `cause`, which is kept as the caller's own fetch gave it. */
function hiddenBesideTheCause(error, what) {
  for (const words of [error.message, String(error), JSON.stringify(error), error.stack.split("\n    at ")[0]]) {
    assert.deepEqual(found(words), [], `${what}: ${words}`);
  }
  Object.defineProperty(error, "cause", { value: undefined });
  hidden(error, what);
}

describe("keys, tokens, texts and numbers", { timeout: 120_000 }, () => {
  for (const [name, fault] of Object.entries(faults)) {
    it(`are in no error, event or client where the API or fetch ${name}`, async (t) => {
      hurried(t);
      for (const at of ["login", "send", "stats"]) {
        for (const [call, run] of Object.entries(calls)) {
          const what = `${call}, ${at} ${name}`;
          const { client, events, error, value } = await outcome(run, { [at]: fault }, patience(fault));
          hidden(client, what);
          hidden(events, what);
          if (error) hiddenBesideTheCause(error, what);
          // What is asked for holds what it is about, and never a key.
          const keys = ["userKey", "secretKey", "appKey", ...(call === "login" ? [] : ["token"])];
          const leaked = found(shown(value)).filter(([canary]) => keys.includes(canary));
          assert.deepEqual(leaked, [], what);
          client.free();
          hidden(client, what);
        }
      }
    });
  }

  it("are in no cause that the library made", async () => {
    for (const fault of [() => ({}), () => ({ status: 200 }), () => new Response("{"), faults["echoes all in an envelope"]]) {
      const { error } = await outcome(calls.send, { send: fault });
      assert.equal(error.cause, undefined);
    }
  });

  it("are in no refusal of options, messages, numbers and texts", async () => {
    for (const [name, run] of Object.entries(wrongOptions)) {
      const { error, value } = await outcome(run);
      assert.ok(error ?? value, name);
      hidden(error ?? value, name);
    }
  });

  it("are in no error of the runtime's own fetch", async () => {
    const { userKey, secretKey, appKey } = canaries;
    for (const baseUrl of ["http://127.0.0.1:1", "https://127.0.0.1:1"]) {
      const client = new CrmClient({ userKey, secretKey, appKey, sender: "MaBoutique", baseUrl, maxRetries: 0 });
      hidden(await rejection(calls.send(client)), baseUrl);
    }
  });

  it("go into no store but the token, and what a store throws into no error", async () => {
    const given = [];
    const tokenStore = {
      get() {
        throw new Error(Object.values(canaries).join());
      },
      set: async (token) => {
        given.push(token);
        throw new Error(JSON.stringify(token));
      },
    };
    const { error, events } = await outcome(calls.send, { send: () => new Response("no") }, { tokenStore });
    hidden(error, "a store");
    hidden(events, "a store");
    assert.deepEqual(found(JSON.stringify(given)), [["token", canaries.token]]);
  });

  it("are on neither output of a process, whatever happens in it", async () => {
    const program = fileURLToPath(new URL("print-canaries.mjs", import.meta.url));
    // It ends with an error that nobody catches.
    const run = promisify(execFile)(process.execPath, [program], { maxBuffer: 64 << 20 });
    const { code, stdout, stderr } = await run.then(() => assert.fail("It ended well."), (ended) => ended);
    assert.equal(code, 1);
    assert.match(stderr, /CrmError: send: ERROR_110[^]*Node\.js v/);
    assert.match(stdout, /printed \d\d\d/);
    assert.deepEqual(found(stdout), []);
    assert.deepEqual(found(stderr), []);
  });

  it("of anybody who built the package are in none of its files", () => {
    const folder = dirname(fileURLToPath(import.meta.resolve("paydunya-crm/package.json")));
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    assert.ok(files.length > 20);
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath ?? file.path, file.name));
      for (const view of [bytes.toString("latin1"), bytes.toString("utf16le")]) {
        assert.deepEqual(found(view), [], file.name);
        const secret = /sk_live_|-----BEGIN|eyJ[\w-]{20,}\.eyJ|\b(?:ghp|npm)_[A-Za-z0-9]{30,}|\/home\/\w+|\/root\//.exec(view);
        assert.equal(secret?.[0], undefined, file.name);
      }
    }
  });
});
