// Keys in a browser, with globals as each runtime has them; real browsers have tests of their own.
import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { CrmClient, measureText, parsePhone } from "paydunya-crm";
import { keys, message, scripted, thrown } from "./scripted-fetch.mjs";

const original = Object.getOwnPropertyDescriptors(globalThis);
const names = ["Bun", "Deno", "EdgeRuntime", "document", "importScripts", "navigator", "process", "window"];

/** Puts globals in the place of those of this Node. */
function pretend(globals) {
  for (const name of names) {
    Object.defineProperty(globalThis, name, { value: globals[name], configurable: true, writable: true });
  }
}

afterEach(() => {
  for (const name of names) {
    if (name in original) Object.defineProperty(globalThis, name, original[name]);
    else delete globalThis[name];
  }
});

const navigator = { userAgent: "Mozilla/5.0 (X11; Linux x86_64)" };
const page = { window: globalThis, document: {}, navigator };
const node = { versions: { node: "20.0.0" } };

const browsers = {
  "a page": page,
  "a worker": { importScripts() {}, navigator },
  "a page with a bundler's `process`": { ...page, process: { env: {}, versions: {} } },
  "a page with an empty `process`": { ...page, process: {} },
};

const others = {
  Node: { process: node, navigator: { userAgent: "Node.js/24" } },
  "Jest or Vitest with jsdom": { ...page, process: node },
  Electron: { ...page, process: { versions: { ...node.versions, electron: "40.0.0" } } },
  "Deno 1": { window: globalThis, Deno: { version: {} }, navigator: { userAgent: "Deno/1.46.0" } },
  "a worker of Deno": { Deno: { version: {} }, navigator: { userAgent: "Deno/2.0.0" }, importScripts() {} },
  Bun: { Bun: { version: "1.4.5" }, navigator: { userAgent: "Bun/1.4.5" } },
  "Cloudflare Workers": { navigator: { userAgent: "Cloudflare-Workers" } },
  "Cloudflare Workers with an `importScripts`": { navigator: { userAgent: "Cloudflare-Workers" }, importScripts() {} },
  "Cloudflare Workers before they had a navigator": { importScripts() {} },
  "Vercel's edge runtime": { EdgeRuntime: "edge-runtime", navigator: {}, importScripts() {} },
};

for (const [name, globals] of Object.entries(browsers)) {
  describe(`in ${name}`, () => {
    it("each of the keys is refused", () => {
      pretend(globals);
      for (const key of ["userKey", "secretKey", "appKey"]) {
        const { kind, issues } = thrown(() => new CrmClient({ [key]: "CANARY" }));
        assert.equal(kind, "invalid");
        assert.deepEqual(issues.map(({ field, reason }) => [field, reason]), [["option", "keys-in-browser"]]);
        assert.match(issues[0].message, /leave them on your server .*dangerouslyAllowBrowser/);
        assert.doesNotMatch(issues[0].message, /CANARY/);
      }
    });

    it("they are taken where `dangerouslyAllowBrowser` is true, and nowhere else", () => {
      pretend(globals);
      assert.ok(new CrmClient({ ...keys, dangerouslyAllowBrowser: true }));
      for (const dangerouslyAllowBrowser of [false, undefined]) {
        thrown(() => new CrmClient({ ...keys, dangerouslyAllowBrowser }));
      }
    });

    it("an ill-formed option is named beside them", () => {
      pretend(globals);
      const { issues } = thrown(() => new CrmClient({ userKey: "", timeout: 0 }));
      assert.deepEqual(issues.map(({ reason }) => reason).sort(), ["bad-option", "bad-option", "keys-in-browser"]);
    });

    it("messages are judged without keys", () => {
      pretend(globals);
      const client = new CrmClient({ sender: "MaBoutique", defaultCountry: "SN" });
      assert.ok(client.check([message]).ok);
      assert.ok(parsePhone("+221776665544").ok);
      assert.equal(measureText("Oui").segments, 1);
    });
  });
}

for (const [name, globals] of Object.entries(others)) {
  it(`keys are taken in ${name}`, () => {
    pretend(globals);
    assert.ok(new CrmClient(keys));
  });
}

it("keys are taken where a global cannot be read", () => {
  pretend(page);
  Object.defineProperty(globalThis, "navigator", { get: () => assert.fail("unreadable"), configurable: true });
  assert.ok(new CrmClient(keys));
});

it("a client that may hold keys in a page sends from there", async () => {
  pretend(page);
  const { client } = scripted({}, { dangerouslyAllowBrowser: true });
  assert.equal((await client.send(message)).sms.length, 1);
});
