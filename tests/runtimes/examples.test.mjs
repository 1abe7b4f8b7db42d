// The programs of examples/, as their users run them, against sandboxes over HTTP on loopback.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { cp, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { accountOf, copyOf, examples, startApi } from "./example-folder.mjs";
import { Processes, listening } from "./processes.mjs";
import { binary } from "./programs.mjs";

const { PAYDUNYA_CRM_MODULES: modules } = process.env;

/** How a backend is started, and whether its runtime proves that a refused connection took nothing to the API. */
const backends = {
  "fastify/": {
    proves: true,
    command: async () => [process.execPath, "server.mjs"],
  },
  // Next puts a function of its own in the place of the runtime's `fetch`.
  "next/": {
    async command({ folder, processes }) {
      const next = join(modules, "next/dist/bin/next");
      // The installed packages lie in a folder above.
      const config = `export default { turbopack: { root: ${JSON.stringify(dirname(modules))} } };\n`;
      await writeFile(join(folder, "next.config.mjs"), config);
      await processes.output(process.execPath, [next, "build"], { cwd: folder, env: nextEnvironment });
      return [process.execPath, next, "start", "--hostname=127.0.0.1", "--port=0"];
    },
  },
  "worker/": {
    async command({ folder, environment }) {
      const vars = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
      await writeFile(join(folder, ".dev.vars"), vars.join(""));
      const node = await binary(modules, "node24/bin/node");
      return [node, join(modules, "wrangler/bin/wrangler.js"), "dev", "--ip=127.0.0.1", "--port=0", "--inspector-port=0"];
    },
  },
  "deno.mjs": {
    proves: true,
    async command() {
      const deno = await binary(modules, "@deno/linux-x64-glibc/deno");
      const offline = ["--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual"];
      return [deno, "run", ...offline, "--allow-net", "--allow-env", "deno.mjs"];
    },
  },
  "bun.ts": {
    proves: true,
    command: async () => [await binary(modules, "@oven/bun-linux-x64/bin/bun"), "--no-install", "bun.ts"],
  },
};

const nextEnvironment = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };
const quiet = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false", DENO_NO_UPDATE_CHECK: "1" };

/** What a program wrote. */
class Log {
  text = "";
  #lines = new EventEmitter();

  add(line) {
    this.text += `${line}\n`;
    this.#lines.emit("line");
  }

  /** Settles as soon as a line has it. */
  async has(pattern) {
    while (!pattern.test(this.text)) await once(this.#lines, "line");
  }
}

for (const [name, { command, proves }] of Object.entries(backends)) {
  describe(`examples/${name}`, () => {
    const processes = new Processes();
    const log = new Log();
    let api, origin;

    before(async () => {
      api = await startApi({ faults: [{ on: "send", nth: 2, fault: "html" }] });
      const folder = await copyOf(name);
      const environment = accountOf(api.baseUrl);
      const [file, ...args] = await command({ folder, environment, processes });
      const child = processes.start(file, args, {
        cwd: folder,
        env: { ...process.env, ...nextEnvironment, ...quiet, ...environment, PORT: "0" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      origin = await listening(child, (line) => log.add(line)).catch((error) => {
        throw new Error(`${error.message}\n${log.text}`);
      });
    });
    after(() => {
      processes.stop();
      api?.close();
    });

    async function orderReady(body) {
      const response = await fetch(`${origin}/order-ready`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return [response.status, await response.json()];
    }

    it("answers a wrong number with 422 and its fault, without asking the API", async () => {
      const [status, { issues }] = await orderReady({ phone: "77 666 55 4", order: "4512" });
      assert.equal(status, 422);
      assert.equal(issues[0].message, "to: 8 digits after +221 (Senegal), expected 9");
      assert.deepEqual((await api.report()).requests, []);
    });
    it("answers what is no order with 400", async () => {
      for (const body of [null, {}, { phone: "77 666 55 44", order: "4512, appelez le 33" }]) {
        assert.equal((await orderReady(body))[0], 400);
      }
    });
    it("sends", async () => {
      const [status, answer] = await orderReady({ phone: "77 666 55 44", order: "4512" });
      assert.deepEqual([status, answer], [200, { status: "sent", code: "SMS-000001" }]);
      const { sent } = await api.report();
      assert.deepEqual(
        sent.map(({ from, to, text }) => ({ from, to, text })),
        [{ from: "MaBoutique", to: "+221776665544", text: "Votre commande 4512 est prête." }],
      );
    });
    it("answers 202 where nobody knows, and does not send again", async () => {
      assert.deepEqual(await orderReady({ phone: "77 666 55 44", order: "4513" }), [202, { status: "unknown" }]);
      assert.equal((await api.report()).requests.filter(({ call }) => call === "send").length, 2);
    });
    it("tells that the API is down", async () => {
      api.close();
      const expected = proves ? [503, { status: "not-sent" }] : [202, { status: "unknown" }];
      assert.deepEqual(await orderReady({ phone: "77 666 55 44", order: "4514" }), expected);
    });
    it("logs what is unknown, and no key, number or text", { timeout: 10_000 }, async () => {
      await log.has(/order.*4513.*unknown/);
      await log.has(proves ? /order.*4514.*not-sent/ : /order.*4514.*unknown/);
      assert.doesNotMatch(log.text, /user-key|secret-key|app-key|77 ?666|Votre commande/);
    });
  });
}

describe("examples/worker/", () => {
  it("is what `wrangler deploy` takes, with the wasm beside it", async () => {
    const processes = new Processes();
    const folder = await copyOf("worker/", "worker-dry");
    const node = await binary(modules, "node24/bin/node");
    const wrangler = join(modules, "wrangler/bin/wrangler.js");
    const output = await processes.output(node, [wrangler, "deploy", "--dry-run", "--outdir=out"], { cwd: folder, env: quiet });
    assert.match(output, /--dry-run: exiting now/);
    assert.equal((await readdir(join(folder, "out"))).filter((file) => file.endsWith("crm_bg.wasm")).length, 1);
  });
});

describe("examples/send-customers.mjs", () => {
  it("sends to the customers whose rows are right, and stops where the API is down", async () => {
    const api = await startApi();
    const folder = await copyOf("send-customers.mjs");
    await cp(join(examples, "customers.csv"), join(folder, "customers.csv"));
    const send = () =>
      new Processes().output(process.execPath, ["send-customers.mjs"], { cwd: folder, env: accountOf(api.baseUrl) });
    const output = await send();
    const { sent } = await api.report();
    assert.ok(sent.length > 50, `${sent.length} were sent`);
    assert.match(output, /left out/);
    assert.match(output, new RegExp(`Sent: ${sent.length} messages`));
    api.close();
    await assert.rejects(send(), /Stopped\. login: .*/);
  });
});
