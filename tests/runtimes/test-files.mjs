// The suite as tests of a test runner: what Jest and Vitest run.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const imports = {
  esm: `import * as crm from "paydunya-crm";
import * as sandbox from "paydunya-crm/sandbox";
import { tests } from "./suite/conformance.mjs";
`,
  cjs: `const crm = require("paydunya-crm");
const sandbox = require("paydunya-crm/sandbox");
const { tests } = require("./suite.cjs");
`,
};

/**
 * Writes suite.test.mjs or suite.test.cjs, by `kind`; `imports` brings `describe` and `test` where they are no globals.
 */
export async function writeTests({ workspace, modules, server, entry, processes, kind, imports: more = "" }) {
  if (kind === "cjs") {
    // Jest's `require` takes no modules; functions of modules are strict.
    const flags = ["--bundle", "--format=cjs", "--banner:js='use strict';", "--log-level=warning", `--outfile=${join(workspace, "suite.cjs")}`];
    await processes.output(join(modules, ".bin/esbuild"), [join(workspace, "suite/conformance.mjs"), ...flags]);
  }
  const settings = JSON.stringify({ server });
  await writeFile(
    join(workspace, `suite.test.${kind === "cjs" ? "cjs" : "mjs"}`),
    `${more}${imports[kind]}
const wanted = ${JSON.stringify(entry.groups)};
const all = tests({ crm, sandbox, ...${settings} }).filter(({ group }) => wanted.includes(group));
for (const { group, name, run } of all) describe(group, () => test(name, async () => run()));
`,
  );
}

/** The results of a program that writes the report of Jest, which Vitest has too, into the file that it is given. */
export async function readTestReport(workspace, execute) {
  const file = join(workspace, "report.json");
  // It fails where a test does: the report says which.
  const failure = await execute(file).catch((error) => error);
  const report = await readFile(file, "utf8").then(JSON.parse, () => {
    throw failure;
  });
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults.map(result));
  if (results.length === 0) throw failure ?? new Error("It ran no tests.");
  return results;
}

function result({ ancestorTitles, title, status, failureMessages }) {
  return { group: ancestorTitles[0], name: title, ok: status === "passed", error: failureMessages.join("\n") || status };
}
