// The package inside of what a user's bundler writes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { build } from "esbuild";

const folder = mkdtempSync(join(import.meta.dirname, "bundle-"));
after(() => rmSync(folder, { recursive: true }));

const program = `
  import { CrmClient, CrmError, isCrmError, parsePhone } from "paydunya-crm";
  import { Sandbox } from "paydunya-crm/sandbox";

  const sandbox = new Sandbox();
  const keys = { userKey: "user-key", secretKey: "secret-key", appKey: "app-key" };
  const client = new CrmClient({ ...keys, sender: "MaBoutique", fetch: sandbox.fetch });
  const { phone } = client.check({ to: "+221 77 666 55 44", text: "é" }).messages[0];
  client.send({ to: phone.e164, text: "é" })
    .then(() => client.send([]))
    .catch((error) => {
      const known = error instanceof CrmError && isCrmError(error);
      console.log(CrmClient.name, CrmError.name, Sandbox.name, error.name, known, sandbox.sent.length, sandbox.sent[0].text);
    });`;

async function bundled(options) {
  await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    logLevel: "error",
    outdir: folder,
    ...options,
  });
}

const run = (file) => execFileSync(process.execPath, [join(folder, file)], { encoding: "utf8", timeout: 20_000 }).trim();

describe("minified by esbuild", () => {
  for (const [format, platform, charset] of [
    ["esm", "node", "ascii"],
    ["cjs", "node", "utf8"],
    ["iife", "browser", "ascii"],
  ]) {
    it(`it works, and classes and errors keep their names (${format}, ${platform}, ${charset})`, async () => {
      const file = `${format}.${format === "esm" ? "mjs" : "cjs"}`;
      await bundled({ format, platform, charset, minify: true, entryNames: format, outExtension: { ".js": file.slice(-4) } });
      assert.equal(run(file), "CrmClient CrmError Sandbox CrmError true 1 é");
    });
  }

  it("nothing is left of it where nothing of it is used", async () => {
    const contents = 'import { CrmClient } from "paydunya-crm"; import { Sandbox } from "paydunya-crm/sandbox"; console.log(1);';
    await bundled({ stdin: { contents, resolveDir: import.meta.dirname }, format: "esm", minify: true, entryNames: "empty" });
    assert.equal(readFileSync(join(folder, "empty.js"), "utf8"), "console.log(1);\n");
  });
});

describe("bundled for Cloudflare Workers", () => {
  it("the wasm becomes a file that the worker imports", async () => {
    await bundled({
      format: "esm",
      minify: true,
      conditions: ["workerd"],
      loader: { ".wasm": "copy" },
      entryNames: "worker",
    });
    const files = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
    assert.deepEqual(files.map((name) => name.split("-")[0]).sort(), ["crm_bg", "sandbox_bg"]);
    const worker = readFileSync(join(folder, "worker.js"), "utf8");
    for (const file of files) assert.ok(worker.includes(`"./${file}"`));
    assert.ok(worker.length < 60_000, "the wasm is not inside as well");
  });
});
