// The suite as a program: what runtimes with a command line run.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

const imports = {
  esm: `import * as crm from "paydunya-crm";
import * as sandbox from "paydunya-crm/sandbox";
import { runAll } from "./suite/conformance.mjs";
`,
  cjs: `const crm = require("paydunya-crm");
const sandbox = require("paydunya-crm/sandbox");
const runAll = async (options) => (await import("./suite/conformance.mjs")).runAll(options);
`,
};

/**
 * Writes a program that runs the suite and prints its results as one line of JSON; gives its path.
 * `modules` is "esm" or "cjs".
 */
export async function writeProgram({ workspace, server, entry, modules }) {
  const program = join(workspace, modules === "cjs" ? "program.cjs" : "program.mjs");
  const settings = JSON.stringify({ server, groups: entry.groups });
  const run = `runAll({ crm, sandbox, ...${settings} }).then((results) => console.log(JSON.stringify(results)));\n`;
  await writeFile(program, imports[modules] + run);
  return program;
}

/** The results in what the program printed. */
export function readResults(output) {
  try {
    return JSON.parse(output.trim().split("\n").at(-1));
  } catch {
    throw new Error(`The program printed no results, but this:\n${output.slice(-4000)}`);
  }
}
