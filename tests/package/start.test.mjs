// Where the package cannot start, the first use says why and what to do; importing never fails.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { createContext, runInContext } from "node:vm";
import { isCrmError } from "paydunya-crm";

const require = createRequire(import.meta.url);
const path = require.resolve("paydunya-crm");
const code = readFileSync(path, "utf8");

/** The package in a realm that has JavaScript's own globals, and these: as bare as Jest's jsdom. */
function imported(globals) {
  const context = createContext({ module: { exports: {} }, ...globals });
  runInContext(`((exports) => { ${code} })(module.exports)`, context, { filename: path });
  return { ...context.module.exports, context };
}

function refused(call) {
  try {
    call();
  } catch (error) {
    assert.ok(isCrmError(error));
    assert.equal(error.kind, "invalid");
    assert.equal(error.issues.length, 1);
    assert.equal(error.issues[0].reason, "unsupported-runtime");
    assert.equal(error.issues[0].message, error.message);
    return error;
  }
  return assert.fail("it throws");
}

const text = { TextDecoder, TextEncoder };
const number = "+221776665544";

/** A WebAssembly that compiles nothing and says so in an engine's words. */
function forbidding(name, words) {
  class Module {
    constructor() {
      throw Object.assign(new Error(words), { name });
    }
  }
  return { Module, Instance: WebAssembly.Instance };
}

describe("the first use", () => {
  it("works in a realm of its own", () => {
    assert.equal(imported(text).parsePhone(number).e164, number);
  });

  it("says that a runtime has no WebAssembly", () => {
    const { CrmClient, parsePhone } = imported({ ...text, WebAssembly: undefined });
    for (const call of [() => new CrmClient(), () => parsePhone(number)]) {
      assert.match(refused(call).message, /has no WebAssembly .*on a server/);
    }
  });

  for (const [engine, name, words] of [
    [
      "Chromium",
      "CompileError",
      "WebAssembly.Module(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because neither 'wasm-eval' nor 'unsafe-eval' is an allowed source of script in the following Content Security Policy directive: \"script-src 'self'\"",
    ],
    ["an older Chromium", "CompileError", "WebAssembly.Module(): Wasm code generation disallowed because 'unsafe-eval' is not an allowed source of script"],
    ["Firefox", "CompileError", "call to WebAssembly.Module() blocked by CSP"],
    ["Safari", "EvalError", "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script"],
  ]) {
    it(`says what to add to the Content-Security-Policy (${engine})`, () => {
      const { CrmClient } = imported({ ...text, WebAssembly: forbidding(name, words) });
      const error = refused(() => new CrmClient());
      assert.match(error.message, /Content-Security-Policy .*add 'wasm-unsafe-eval' to its script-src/);
      assert.equal(error.cause.name, name);
      assert.equal(error.cause.message, words);
    });
  }

  it("says which condition a bundler needs where no bytes are compiled", () => {
    const words = "WebAssembly.Module(): Wasm code generation disallowed by embedder";
    const { CrmClient } = imported({ ...text, WebAssembly: forbidding("CompileError", words) });
    assert.match(refused(() => new CrmClient()).message, /"workerd" or "edge-light", or use paydunya-crm\/slim/);
  });

  it("gives the engine's words for anything else", () => {
    const words = "WebAssembly.Instance(): Out of memory";
    const { CrmClient } = imported({ ...text, WebAssembly: forbidding("RangeError", words) });
    assert.match(refused(() => new CrmClient()).message, /does not start here \(.*Out of memory\)/);
  });

  for (const missing of ["TextDecoder", "TextEncoder"]) {
    it(`says that ${missing} is missing, and works once it is there`, () => {
      const { CrmClient, context, parsePhone } = imported({ ...text, [missing]: undefined });
      const failing = missing === "TextEncoder" ? () => new CrmClient() : () => parsePhone(number);
      assert.match(refused(failing).message, new RegExp(`no ${missing}: under Jest use testEnvironment "node"`));
      context[missing] = globalThis[missing];
      assert.equal(parsePhone(number).e164, number);
      assert.ok(new CrmClient());
    });
  }
});
