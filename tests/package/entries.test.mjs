// The entries: which file a runtime gets, and that each of them runs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve("paydunya-crm/package.json"));
const wasm = readFileSync(require.resolve("paydunya-crm/crm_bg.wasm"));

/** What a script prints in a process of its own. */
function printed(script, ...flags) {
  const input = [...flags, "--input-type=module", "--eval", script];
  return execFileSync(process.execPath, input, { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 }).trim();
}

describe("an import", () => {
  const cases = [
    [[], "index.mjs", "sandbox.mjs"],
    [["workerd"], "workerd.mjs", "sandbox-workerd.mjs"],
    [["edge-light"], "edge-light.mjs", "sandbox-edge-light.mjs"],
    [["workerd", "worker", "browser"], "workerd.mjs", "sandbox-workerd.mjs"],
    [["edge-light", "workerd"], "workerd.mjs", "sandbox-workerd.mjs"],
    [["deno", "bun", "browser", "module", "react-native"], "index.mjs", "sandbox.mjs"],
  ];
  for (const [conditions, ...files] of cases) {
    it(`gets ${files.join(" and ")} under ${conditions.join(", ") || "no condition"}`, () => {
      const script = `
        for (const path of ["paydunya-crm", "paydunya-crm/sandbox", "paydunya-crm/slim", "paydunya-crm/crm_bg.wasm"]) {
          console.log(import.meta.resolve(path));
        }`;
      const found = printed(script, ...conditions.map((condition) => `--conditions=${condition}`));
      assert.deepEqual(found.split("\n").map((url) => basename(url)), [...files, "slim.mjs", "crm_bg.wasm"]);
    });
  }

  it("gets CommonJS by require", () => {
    const found = ["paydunya-crm", "paydunya-crm/sandbox", "paydunya-crm/slim"].map(require.resolve);
    assert.deepEqual(found.map((path) => basename(path)), ["index.cjs", "sandbox.cjs", "slim.cjs"]);
  });

  it("sees the names of CommonJS too, where a resolver prefers that", async () => {
    const { CrmClient, parsePhone } = await import(pathToFileURL(require.resolve("paydunya-crm")));
    assert.deepEqual([CrmClient.name, parsePhone("1").ok], ["CrmClient", false]);
  });
});

// What these runtimes make of an import of wasm: a module, in the edge runtime one of another realm.
const wasmImports = `
  import { register } from "node:module";
  const hooks = \`
    import { readFileSync } from "node:fs";
    export function load(url, context, next) {
      const { pathname, search } = new URL(url);
      if (!pathname.endsWith(".wasm")) return next(url, context);
      const base64 = JSON.stringify(readFileSync(new URL(pathname, url), "base64"));
      const source = search === "?module"
        ? 'import { runInNewContext } from "node:vm"; const { Module } = runInNewContext("WebAssembly");'
        : "const { Module } = WebAssembly;";
      return {
        format: "module",
        source: source + "export default new Module(Buffer.from(" + base64 + ', "base64"));',
        shortCircuit: true,
      };
    }\`;
  register("data:text/javascript," + encodeURIComponent(hooks));
  // These runtimes compile no bytes.
  const compile = function () { throw new WebAssembly.CompileError("Wasm code generation disallowed by embedder"); };
`;

describe("where a runtime compiles no bytes", () => {
  for (const condition of ["workerd", "edge-light"]) {
    it(`the client and the sandbox run under ${condition}`, () => {
      const script = `${wasmImports}
        const { CrmClient, parsePhone } = await import("paydunya-crm");
        const { Sandbox } = await import("paydunya-crm/sandbox");
        WebAssembly.Module = compile;
        const sandbox = new Sandbox();
        const keys = { userKey: "user-key", secretKey: "secret-key", appKey: "app-key" };
        const client = new CrmClient({ ...keys, sender: "MaBoutique", fetch: sandbox.fetch });
        const { to } = (await client.send({ to: "+221776665544", text: "Bonjour" })).sms[0];
        console.log(to, sandbox.sent.length, parsePhone("1").ok);`;
      assert.equal(printed(script, `--conditions=${condition}`), "+221776665544 1 false");
    });
  }

  it("the inline entry says what to do", () => {
    const script = `${wasmImports}
      const { CrmClient } = await import("paydunya-crm");
      WebAssembly.Module = compile;
      try { new CrmClient(); } catch ({ name, kind, message, issues }) {
        console.log(name, kind, issues[0].reason, message);
      }`;
    const sentence = /^CrmError invalid unsupported-runtime paydunya-crm: .*condition "workerd" or "edge-light".*slim/;
    assert.match(printed(script), sentence);
  });
});

describe("the wasm inside the package's own file", () => {
  for (const [entry, file] of [["index", "crm_bg.wasm"], ["sandbox", "sandbox_bg.wasm"]]) {
    for (const extension of ["mjs", "cjs"]) {
      it(`is ${file}, byte for byte (${entry}.${extension})`, () => {
        const script = `
          let given;
          const Module = WebAssembly.Module;
          WebAssembly.Module = function (bytes) { given = bytes.slice(); return new Module(bytes); };
          const { Sandbox, measureText } = await import(${JSON.stringify(pathToFileURL(join(folder, "dist", `${entry}.${extension}`)).href)});
          Sandbox ? new Sandbox() : measureText("");
          console.log(Buffer.from(given).toString("base64"));`;
        const bytes = Buffer.from(printed(script), "base64");
        assert.ok(bytes.equals(readFileSync(join(folder, "dist", file))));
      });
    }
  }

  it("is plain ASCII without a character that means something in a string, a template or HTML", () => {
    for (const file of ["index.mjs", "index.cjs", "sandbox.mjs", "sandbox.cjs"]) {
      const [longest] = readFileSync(join(folder, "dist", file), "latin1").match(/"[^"]{100000,}"/);
      assert.match(longest.slice(1, -1), /^[!-~]+$/);
      assert.doesNotMatch(longest.slice(1, -1), /["'`\\$<]/);
    }
  });

  it("stands in a file of ASCII alone, which no charset of a page changes", () => {
    for (const file of readdirSync(join(folder, "dist")).filter((name) => /js$/.test(name))) {
      assert.match(readFileSync(join(folder, "dist", file), "latin1"), /^[\n\x20-\x7e]*$/, file);
    }
  });
});

describe("slim", () => {
  let copies = 0;
  const path = join(folder, "dist/slim.cjs");
  const fresh = {
    "an ES module": () => import(`${pathToFileURL(join(folder, "dist/slim.mjs"))}?${copies++}`),
    CommonJS: () => {
      delete require.cache[path];
      return require(path);
    },
  };
  const failure = (call) => {
    try {
      call();
    } catch (error) {
      return error;
    }
    return assert.fail("it throws");
  };
  const elsewhere = runInNewContext("({ WebAssembly, ArrayBuffer, Uint8Array })");
  const foreignBytes = new elsewhere.Uint8Array(wasm);

  for (const [kind, load] of Object.entries(fresh)) {
    describe(`as ${kind}`, () => {
      const sources = {
        "a module": new WebAssembly.Module(wasm),
        "a module of another realm": new elsewhere.WebAssembly.Module(wasm),
        "a Uint8Array": new Uint8Array(wasm),
        "a part of a buffer": Buffer.concat([Buffer.alloc(3), wasm, Buffer.alloc(3)]).subarray(3, -3),
        "an ArrayBuffer": new Uint8Array(wasm).buffer,
        "a DataView": new DataView(new Uint8Array(wasm).buffer),
        "an ArrayBuffer of another realm": foreignBytes.buffer,
      };
      for (const [name, source] of Object.entries(sources)) {
        it(`runs on ${name}`, async () => {
          const slim = await load();
          assert.equal(slim.initialize(source), undefined);
          assert.equal(slim.parsePhone("+221 77 666 55 44").e164, "+221776665544");
          assert.ok(new slim.CrmClient({ sender: "MaBoutique" }).check({ to: "+221776665544", text: "Oui" }).ok);
        });
      }

      it("exports what the main entry does, and `initialize`", async () => {
        const { initialize, ...others } = await load();
        assert.equal(typeof initialize, "function");
        const names = (module) => Object.keys(module).sort();
        assert.deepEqual(names(others), names(require("paydunya-crm")));
      });

      it("refuses everything before `initialize`, and runs after it", async () => {
        const slim = await load();
        for (const call of [() => new slim.CrmClient(), () => slim.parsePhone("1"), () => slim.measureText("a")]) {
          const error = failure(call);
          assert.ok(error instanceof slim.CrmError);
          assert.equal(error.kind, "invalid");
          assert.equal(error.issues[0].reason, "not-initialized");
          assert.match(error.message, /call initialize\(wasm\) with paydunya-crm\/crm_bg\.wasm/);
        }
        slim.initialize(wasm);
        assert.equal(slim.measureText("a").units, 1);
      });

      it("takes the first wasm, and ignores later ones", async () => {
        const slim = await load();
        slim.initialize(wasm);
        const client = new slim.CrmClient();
        slim.initialize(wasm);
        slim.initialize("anything");
        assert.ok(Array.isArray(client.check([]).messages));
      });

      it("says what is wrong with anything else, and takes the right one after it", async () => {
        const slim = await load();
        const others = [
          [undefined, "undefined"],
          [null, "null"],
          ["dist/crm_bg.wasm", "string"],
          [new URL("file:///crm_bg.wasm"), "another object"],
          [Promise.resolve(wasm), "a promise: await it"],
          [new Response(wasm), "a response or a file: await its arrayBuffer()"],
          [{ default: new WebAssembly.Module(wasm) }, "a namespace: give its default"],
          [new Uint8Array(), "bytes that are no WebAssembly"],
          [Buffer.from("<!doctype html>"), "bytes that are no WebAssembly"],
          [readFileSync(join(folder, "dist/sandbox_bg.wasm")), "another WebAssembly"],
          [new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), "another WebAssembly"],
        ];
        for (const [value, got] of others) {
          const error = failure(() => slim.initialize(value));
          assert.ok(slim.isCrmError(error), got);
          assert.equal(error.kind, "invalid");
          assert.equal(error.issues[0].reason, "wrong-type");
          assert.ok(error.message.endsWith(`expected paydunya-crm/crm_bg.wasm as a WebAssembly.Module or its bytes, got ${got}`), error.message);
        }
        assert.equal(failure(() => slim.initialize(wasm.subarray(0, 1000))).issues[0].reason, "unsupported-runtime");
        slim.initialize(wasm);
        assert.equal(slim.measureText("a").units, 1);
      });
    });
  }
});
