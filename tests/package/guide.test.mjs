// The README's examples print what the README says that they print.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { CrmClient } from "paydunya-crm";

const root = process.env.PAYDUNYA_CRM_ROOT;
const readme = readFileSync(join(root, "README.md"), "utf8");
const declarations = readFileSync(join(root, "pkg-template/index.d.ts"), "utf8");
const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, example]) => example);
// The others post with the reader's keys.
const offline = examples.filter((example) => !example.includes("process.env"));

describe("the README's examples", () => {
  it("are there", () => assert.ok(offline.length >= 3 && examples.length > offline.length));

  for (const example of offline) {
    const name = example.match(/\b(check|measureText|Sandbox)\b/)[0];
    it(`print what stands beside them: ${name}`, () => {
      // A journal that an earlier run of the example left.
      rmSync(join(import.meta.dirname, "campaign.journal"), { force: true });
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

/** What stands in backticks in the rows below a heading. */
function words(heading, column) {
  const [section] = readme.split(`\n${heading}\n`)[1].split(/\n##+ /);
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && line.includes("`"));
  return rows.flatMap((row) => [...row.split(" | ")[column].matchAll(/`([^`]+)`/g)].map(([, word]) => word));
}

describe("the README", () => {
  it("lists the options that the client takes", () => {
    assert.throws(
      () => new CrmClient({ none: 1 }),
      ({ message }) => {
        assert.deepEqual(message.split("there are ")[1].split(", "), words("### Options", 0));
        return true;
      },
    );
  });

  it("lists the words of `reason`", () => {
    const [, union] = declarations.match(/export type Reason =([^;]*);/);
    const declared = [...union.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
    assert.deepEqual([...new Set(words("### Issues", 1))].sort(), declared.sort());
  });

  it("counts the faults of the network", async () => {
    const { faults } = await import(pathToFileURL(join(root, "tests/faults/faults.mjs")));
    const ways = [...readme.matchAll(/\bfails? in (\d+) ways/g)].map(([, ways]) => Number(ways));
    assert.deepEqual(ways, [faults.length, faults.length]);
    // Six runtimes, of which Chromium is without TLS.
    const [, cases] = readme.match(/In all (\d+) cases/);
    assert.equal(Number(cases), 6 * faults.length - faults.filter(({ tls }) => tls).length);
  });

  it("has no link that leads nowhere, here and in the package", () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target);
    const anchors = [...readme.matchAll(/^##+ (.*)$/gm)].map(([, heading]) =>
      `#${heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")}`,
    );
    const installed = dirname(createRequire(import.meta.url).resolve("paydunya-crm/package.json"));
    for (const link of links) {
      const leads = link.startsWith("#")
        ? anchors.includes(link)
        : /^https:/.test(link) || [root, installed].every((folder) => existsSync(join(folder, link)));
      assert.ok(leads, link);
    }
    assert.ok(links.includes("sandbox/README.md"));
  });
});
