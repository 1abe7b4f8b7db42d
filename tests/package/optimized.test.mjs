// Calls that V8 has optimized.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("optimized.mjs", import.meta.url));

describe("a process", { timeout: 120_000 }, () => {
  for (const of of ["parsePhone", "check", "login", "send", "stats", "reconcile", "sendAll"]) {
    it(`goes on where V8 throws the code around a call of \`${of}\` away`, () => {
      const printed = execFileSync(process.execPath, [program, of], { encoding: "utf8" });
      assert.equal(printed, `${of} gave 2\n`);
    });
  }
});
