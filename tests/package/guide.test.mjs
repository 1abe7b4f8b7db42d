// The README's examples print what the README says that they print.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const readme = readFileSync(join(process.env.PAYDUNYA_CRM_ROOT, "README.md"), "utf8");
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, example]) => example);
// The others post with the reader's keys.
const offline = examples.filter((example) => !example.includes("process.env"));

describe("the README's examples", () => {
  it("are there", () => assert.ok(offline.length >= 3 && examples.length > offline.length));

  for (const example of offline) {
    const name = example.match(/\b(check|measureText|Sandbox)\b/)[0];
    it(`print what stands beside them: ${name}`, () => {
      const input = ["--input-type", "module", "--eval", example];
      const printed = execFileSync(process.execPath, input, { cwd: import.meta.dirname, encoding: "utf8" });
      const promised = [...example.matchAll(/(?:^|\s)\/\/ (.*)$/gm)].map(([, comment]) => comment);
      const kept = printed.trimEnd().split("\n").map((line, index) => {
        // What a colon follows is an explanation.
        const explained = promised[index]?.startsWith(`${line}: `);
        return explained ? promised[index] : line;
      });
      assert.deepEqual(kept, promised);
    });
  }
});
