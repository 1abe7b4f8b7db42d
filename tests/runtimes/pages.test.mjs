// What concerns browsers alone. The conformance suite runs in them too: see runners/chromium.mjs.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { browser, closeBrowser, serveFolder } from "./browser.mjs";

const { PAYDUNYA_CRM_PROJECT, PAYDUNYA_CRM_MODULES } = process.env;
const manifest = createRequire(join(PAYDUNYA_CRM_PROJECT, "any.js")).resolve("paydunya-crm/package.json");

const inContext = `
import { CrmClient, measureText, parsePhone } from "./dist/index.mjs";

const keys = { userKey: "CANARY-1", secretKey: "CANARY-2", appKey: "CANARY-3", sender: "MaBoutique" };
const message = { to: "+221776665544", text: "Votre commande est prête." };

export function found() {
  const refusals = ["userKey", "secretKey", "appKey"].map((name) => refusal({ [name]: keys[name] }));
  return {
    refusals: [...refusals, refusal(keys), refusal({ ...keys, dangerouslyAllowBrowser: false })],
    allowed: new CrmClient({ ...keys, dangerouslyAllowBrowser: true }).check(message).ok,
    withoutKeys: new CrmClient({ sender: "MaBoutique" }).check(message).ok,
    phone: parsePhone("77 666 55 44", { defaultCountry: "SN" }).e164,
    encoding: measureText(message.text).encoding,
  };
}

function refusal(options) {
  try {
    return { made: new CrmClient(options) };
  } catch ({ name, kind, message, issues }) {
    return { name, kind, message, reasons: issues.map(({ reason }) => reason) };
  }
}
`;

/** Where a program can run in a browser, and how a page asks a worker there what it found. */
const contexts = {
  "a page": {
    ask: async () => (await import("/in-context.mjs")).found(),
  },
  "a worker": {
    program: 'import { found } from "./in-context.mjs"; postMessage(found());',
    ask: () => heard(new Worker("/program.mjs", { type: "module" })),
  },
  "a worker that is no module": {
    program: 'import("./in-context.mjs").then(({ found }) => postMessage(found()));',
    ask: () => heard(new Worker("/program.mjs")),
  },
  "a shared worker": {
    program: 'import { found } from "./in-context.mjs"; onconnect = ({ ports: [port] }) => port.postMessage(found());',
    ask: () => heard(new SharedWorker("/program.mjs", { type: "module" }).port),
  },
  "a service worker": {
    program: 'import { found } from "./in-context.mjs"; onmessage = ({ source }) => source.postMessage(found());',
    async ask() {
      await navigator.serviceWorker.register("/program.mjs", { type: "module" });
      const { active } = await navigator.serviceWorker.ready;
      const answer = heard(navigator.serviceWorker);
      active.postMessage("found?");
      return answer;
    },
  },
};

/** The next message of a worker or a port; runs in the page. */
const heard = `function heard(target) {
  return new Promise((resolve, reject) => {
    target.onmessage = ({ data }) => resolve(data);
    target.onerror = ({ message }) => reject(new Error(message));
  });
}`;

let chromium;
let folder;
const servers = [];

before(async () => {
  chromium = await browser(PAYDUNYA_CRM_MODULES);
  folder = await mkdtemp(join(tmpdir(), "paydunya-crm-"));
  await cp(join(dirname(manifest), "dist"), join(folder, "dist"), { recursive: true });
  await writeFile(join(folder, "index.html"), "<!doctype html>\n<title>Pages</title>\n");
  await writeFile(join(folder, "in-context.mjs"), inContext);
});

after(async () => {
  await closeBrowser();
  for (const server of servers) server.close();
  await rm(folder, { recursive: true, force: true });
});

async function origin(headers) {
  const server = await serveFolder(folder, headers);
  servers.push(server);
  return server.origin;
}

/** What a function gives in a page of its own. */
async function inPage({ headers, scripts = [] }, call, argument) {
  const page = await chromium.newPage();
  try {
    await page.goto(await origin(headers));
    for (const content of scripts) await page.addScriptTag({ content });
    return await page.evaluate(call, argument);
  } finally {
    await page.close();
  }
}

for (const [name, { program, ask }] of Object.entries(contexts)) {
  describe(`in ${name}`, () => {
    let found;
    before(async () => {
      if (program) await writeFile(join(folder, "program.mjs"), program);
      found = await inPage({ scripts: [heard] }, ask);
    });

    it("keys are refused", () => {
      assert.equal(found.refusals.length, 5);
      for (const { name, kind, message, reasons } of found.refusals) {
        assert.deepEqual([name, kind, reasons], ["CrmError", "invalid", ["keys-in-browser"]]);
        assert.match(message, /leave them on your server .*dangerouslyAllowBrowser/);
        assert.doesNotMatch(message, /CANARY/);
      }
    });

    it("they are taken if the program says so", () => {
      assert.equal(found.allowed, true);
    });

    it("messages are checked without any", () => {
      const { withoutKeys, phone, encoding } = found;
      assert.deepEqual([withoutKeys, phone, encoding], [true, "+221776665544", "UCS-2"]);
    });
  });
}

/** What each way into the wasm throws in a page with this policy. */
function failures(policy) {
  return inPage({ headers: { "content-security-policy": policy } }, async () => {
    const { CrmClient, measureText, parsePhone } = await import("/dist/index.mjs");
    const { Sandbox } = await import("/dist/sandbox.mjs");
    return [() => new CrmClient(), () => parsePhone("1"), () => measureText("a"), () => new Sandbox()].map((call) => {
      try {
        return call();
      } catch (error) {
        const { name, kind, message, issues, cause } = error;
        return { name, kind, message, reasons: issues.map(({ reason }) => reason), cause: cause.name };
      }
    });
  });
}

describe("a Content-Security-Policy", () => {
  for (const policy of ["script-src 'self'", "default-src 'self'", "default-src 'none'; script-src 'self'; script-src-elem 'self'"]) {
    it(`${policy} forbids the wasm, and the error says what to add`, async () => {
      const found = await failures(policy);
      assert.equal(found.length, 4);
      for (const { name, kind, message, reasons, cause } of found) {
        assert.deepEqual([name, kind, reasons, cause], ["CrmError", "invalid", ["unsupported-runtime"], "CompileError"]);
        assert.match(message, /^paydunya-crm: the page's Content-Security-Policy .* add 'wasm-unsafe-eval' to its script-src/);
      }
    });
  }
});

describe("paydunya-crm/slim", () => {
  it("runs on a module or on bytes that the page fetched", async () => {
    const found = await inPage({}, async () => {
      const module = await WebAssembly.compileStreaming(fetch("/dist/crm_bg.wasm"));
      const bytes = await (await fetch("/dist/crm_bg.wasm")).arrayBuffer();
      const countries = [module, bytes].map(async (wasm, index) => {
        const { initialize, parsePhone } = await import(`/dist/slim.mjs?${index}`);
        initialize(wasm);
        return parsePhone("+221776665544").country;
      });
      return Promise.all(countries);
    });
    assert.deepEqual(found, ["SN", "SN"]);
  });
});

describe("another origin", () => {
  it("that does not let pages read its answers is `network`, and nothing was sent", async () => {
    const elsewhere = await origin();
    const found = await inPage({}, async (elsewhere) => {
      const { CrmClient } = await import("/dist/index.mjs");
      const keys = { userKey: "u", secretKey: "s", appKey: "a", dangerouslyAllowBrowser: true };
      const client = new CrmClient({ ...keys, sender: "MaBoutique", baseUrl: `${elsewhere}/api/v1` });
      return client.send({ to: "+221776665544", text: "Oui" }).catch(({ kind, delivery, attempts }) => [kind, delivery, attempts]);
    }, elsewhere);
    assert.deepEqual(found, ["network", "not-sent", 0]);
  });
});
