// The package as a module: no set-up, nothing compiled before the first use.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createContext, runInContext } from "node:vm";
import * as esm from "paydunya-crm";

const require = createRequire(import.meta.url);
const cjs = require("paydunya-crm");
const { CrmClient, CrmError, isCrmError } = esm;
const names = [
  "CrmClient",
  "CrmError",
  "errorCodes",
  "isCrmError",
  "measureText",
  "parsePhone",
  "phoneDataVersion",
  "version",
];

/** What a script prints in a process of its own. */
function printed(script, type) {
  const input = ["--input-type", type, "--eval", script];
  return execFileSync(process.execPath, input, { cwd: import.meta.dirname, encoding: "utf8", timeout: 20_000 }).trim();
}

describe("importing", () => {
  it("gives the documented names and no other, as an ES module and as CommonJS", () => {
    assert.deepEqual(Object.keys(esm).sort(), names);
    assert.deepEqual(Object.keys(cjs).sort(), names);
    assert.equal(esm.version, require("paydunya-crm/package.json").version);
  });

  const count = `
    let compiled = 0;
    for (const name of ["Module", "Instance"]) {
      const original = WebAssembly[name];
      WebAssembly[name] = new Proxy(original, { construct: (...input) => (compiled++, Reflect.construct(...input)) });
    }
    for (const name of ["compile", "instantiate"]) WebAssembly[name] = () => { throw new Error(name); };`;
  for (const [type, load] of [
    ["module", 'const { CrmClient, parsePhone } = await import("paydunya-crm");'],
    ["commonjs", 'const { CrmClient, parsePhone } = require("paydunya-crm");'],
  ]) {
    it(`compiles nothing before the first use, and then once (${type})`, () => {
      const use = `
        const before = compiled;
        parsePhone("1");
        const first = compiled;
        new CrmClient();
        parsePhone("2");
        console.log(before, first, compiled - first);`;
      // A module and an instance, of the wasm and of what decodes it.
      assert.equal(printed(`${count} ${load} ${use}`, type), "0 4 0");
    });
  }

  it("leaves nothing behind on the global object", () => {
    const script = `
      const before = Reflect.ownKeys(globalThis).length;
      const { parsePhone } = await import("paydunya-crm");
      parsePhone("1");
      console.log(Reflect.ownKeys(globalThis).length - before);`;
    assert.equal(printed(script, "module"), "0");
  });

  it("works as the first line of a program, without waiting", () => {
    const script = 'import { parsePhone } from "paydunya-crm"; console.log(parsePhone("+221776665544").e164);';
    assert.equal(printed(script, "module"), "+221776665544");
  });

  it("keeps no process alive", () => {
    const script = `
      import { CrmClient } from "paydunya-crm";
      const client = new CrmClient({ userKey: "u", secretKey: "s", fetch: async () => new Response("{}") });
      await client.login().catch((error) => console.log(error.kind));`;
    assert.equal(printed(script, "module"), "unreadable");
  });

  it("needs no eval and no dependency", () => {
    const folder = join(require.resolve("paydunya-crm/package.json"), "..");
    const { dependencies, optionalDependencies, peerDependencies, scripts } = require("paydunya-crm/package.json");
    assert.deepEqual([dependencies, optionalDependencies, peerDependencies, scripts], Array(4).fill(undefined));
    const code = ["index.mjs", "index.cjs"].map((file) => readFileSync(join(folder, "dist", file), "utf8")).join("");
    assert.ok(!/\beval\(|new Function\(/.test(code));
    assert.ok(readdirSync(folder).includes("NOTICE"));
  });
});

describe("`CrmError`", () => {
  const failure = (module) => {
    try {
      module.measureText(5);
    } catch (error) {
      return error;
    }
  };

  it("is an Error, by name and by class", () => {
    const error = failure(esm);
    assert.ok(error instanceof CrmError && error instanceof Error);
    assert.equal(error.name, "CrmError");
    assert.equal(Object.prototype.toString.call(error), "[object Error]");
    assert.match(error.stack, /^(CrmError|Error): text: /);
    assert.ok(!Object.keys(error).includes("name"));
    assert.ok(!("cause" in error));
  });

  it("that nobody catches is shown in a few lines, without the bundle around it", () => {
    for (const [type, load] of [
      ["module", 'import { CrmClient } from "paydunya-crm";'],
      ["commonjs", 'const { CrmClient } = require("paydunya-crm");'],
    ]) {
      for (const use of ['new CrmClient({ timeout: "5" });', "new CrmClient().login();", "new CrmClient().check();"]) {
        const input = ["--input-type", type, "--eval", `${load} ${use}`];
        const { stderr } = spawnSync(process.execPath, input, { cwd: import.meta.dirname, encoding: "utf8" });
        assert.match(stderr, /CrmError: /);
        assert.ok(stderr.length < 4_000, `${stderr.length} characters: ${stderr.slice(0, 200)}`);
      }
    }
  });

  it("is known to each copy of the package, and to no other value", () => {
    for (const module of [esm, cjs]) {
      for (const other of [esm, cjs]) {
        assert.ok(module.isCrmError(failure(other)));
        assert.equal(failure(other) instanceof module.CrmError, module === other);
      }
      for (const value of [undefined, null, 5, "CrmError", {}, new Error("x"), { name: "CrmError" }, () => {}]) {
        assert.equal(module.isCrmError(value), false);
      }
    }
  });

  it("is known from another realm", () => {
    const path = require.resolve("paydunya-crm");
    const globals = {
      module: { exports: {} },
      require,
      TextDecoder,
      TextEncoder,
      atob,
      btoa,
      Buffer,
      URL,
      WebAssembly,
    };
    const context = createContext(globals);
    runInContext(`((exports) => { ${readFileSync(path, "utf8")} })(module.exports)`, context, { filename: path });
    const foreign = failure(globals.module.exports);
    assert.ok(!(foreign instanceof Error));
    assert.ok(isCrmError(foreign));
    assert.ok(Array.isArray(foreign.issues));
  });
});

describe("the words of `reason`", () => {
  it("are those of the Rust sources, no more and no fewer", () => {
    const root = process.env.PAYDUNYA_CRM_ROOT;
    const declared = readFileSync(join(root, "pkg-template/index.d.ts"), "utf8").match(
      /export type Reason =([^;]*);/,
    )[1];
    const files = ["error/issue.rs", "phone/refusal.rs", "text/mod.rs", "sender.rs"];
    const sources = files.map((file) => readFileSync(join(root, "src", file), "utf8")).join("\n");
    const words = [...sources.matchAll(/\bReason::\w+ => "([a-z0-9-]+)",/g)].map(([, word]) => word);
    assert.ok(words.length > 40);
    assert.deepEqual([...declared.matchAll(/"([^"]+)"/g)].map(([, word]) => word).sort(), [...new Set(words)].sort());
  });
});

describe("the TypeScript consumer", () => {
  it("uses every name that the declarations export", () => {
    const root = process.env.PAYDUNYA_CRM_ROOT;
    const consumer = readFileSync(join(import.meta.dirname, "consumer.ts"), "utf8");
    for (const [file, least] of [["index.d.ts", 10], ["sandbox.d.ts", 5], ["slim.d.ts", 1], ["node.d.ts", 0]]) {
      const declarations = readFileSync(join(root, "pkg-template", file), "utf8");
      const exported = [...declarations.matchAll(/^export (?:class|interface|type|const|function) (\w+)/gm)];
      assert.ok(exported.length > least);
      for (const [, name] of exported) {
        const uses = consumer.match(new RegExp(`\\b${name}\\b`, "g")) ?? [];
        assert.ok(uses.length > 1, `${name} is imported and used`);
      }
    }
  });
});
