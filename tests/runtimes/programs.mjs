// The suite as a program: what runtimes with a command line run.
import { access, writeFile } from "node:fs/promises";
import { join } from "node:path";

const imports = {
  esm: (specifier) => `import * as crm from "${specifier}";
import * as sandbox from "${specifier}/sandbox";
import { runAll } from "./suite/conformance.mjs";
`,
  cjs: (specifier) => `const crm = require("${specifier}");
const sandbox = require("${specifier}/sandbox");
const runAll = async (options) => (await import("./suite/conformance.mjs")).runAll(options);
`,
};

/**
 * Writes a program that runs the suite and prints its results as one line of JSON; gives its path.
 * `modules` is "esm" or "cjs".
 */
export async function writeProgram({ workspace, server, entry, modules, specifier = "paydunya-crm" }) {
  const program = join(workspace, modules === "cjs" ? "program.cjs" : "program.mjs");
  const settings = JSON.stringify({ server, groups: entry.groups });
  const run = `runAll({ crm, sandbox, ...${settings} }).then((results) => console.log(JSON.stringify(results)));\n`;
  await writeFile(program, imports[modules](specifier) + run);
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

/** The path of a program that a package for Linux on x86-64 brings; rejects elsewhere. */
export async function binary(modules, path) {
  const file = join(modules, path);
  await access(file).catch(() => {
    throw new Error(`${path} is not installed: package.json has this runtime for Linux on x86-64 alone.`);
  });
  return file;
}
