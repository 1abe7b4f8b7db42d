// Runs the benchmarks, each in a process of its own, shows one table and says whether all budgets hold.
//
// usage: node run.mjs [names of benchmarks] [--quick] [--record] --root <the project> --tools <node_modules of the build>
//   --runtimes <node_modules of the runtimes> --wasm <the compiled wasm, with names> --host <what cargo bench left>
// The packages are found as Node finds them. Without names all benchmarks run; then `--record` writes what came of it into
// benches/results, and into the README.
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chart } from "./chart.mjs";
import { fullTables, intoReadme } from "./markdown.mjs";
import { holds, rounded, table } from "./report.mjs";

const benchmarks = ["size", "start", "send", "judgement", "campaign", "types", "host"];
const string = { type: "string" };
const boolean = { type: "boolean" };
const { values: settings, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { quick: boolean, record: boolean, root: string, tools: string, runtimes: string, wasm: string, host: string },
});

const unknown = names.filter((name) => !benchmarks.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(", ")}. There are ${benchmarks.join(", ")}.`);
  process.exit(1);
}

// A quick run has nothing of the host: compiling for it takes longer than the rest.
const chosen = names.length > 0 ? names : benchmarks.filter((name) => !(settings.quick && name === "host"));
const parts = [];
const failures = [];
for (const name of chosen) {
  const start = performance.now();
  try {
    parts.push(await inChild(name));
  } catch (error) {
    failures.push(error.message);
  }
  console.log(`   ${name}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
}
/** @type {import("./report.mjs").Record} As it is recorded, so that all that is made of it says the same. */
const record = JSON.parse(JSON.stringify(recordOf(parts), rounded));
console.log(`\n${table(record)}`);
for (const failure of failures) console.log(failure);
if (settings.record && names.length === 0 && failures.length === 0) write(record);
process.exitCode = failures.length === 0 && record.budgets.every(holds) ? 0 : 1;

async function inChild(name) {
  const program = join(import.meta.dirname, "programs/benchmark.mjs");
  const child = fork(program, [name, JSON.stringify(settings)], { execArgv: ["--expose-gc"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`The benchmark ${name} ended with ${code}.`);
  });
  // Where it ends after it has told.
  ended.catch(() => {});
  const [part] = await Promise.race([once(child, "message"), ended]);
  // A client may keep its connections.
  child.kill();
  return part;
}

function recordOf(parts) {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: { processor: cpus()[0]?.model, processors: cpus().length, architecture: process.arch, system: process.platform },
    versions: Object.assign({ Node: process.versions.node }, ...parts.map(({ versions }) => versions)),
    figures: parts.flatMap(({ figures }) => figures),
    budgets: parts.flatMap(({ budgets = [] }) => budgets),
  };
}

function write(record) {
  const results = join(settings.root, "benches/results");
  writeFileSync(join(results, "figures.json"), `${JSON.stringify(record, null, 1)}\n`);
  writeFileSync(join(results, "figures.md"), fullTables(record));
  writeFileSync(join(results, "figures.svg"), chart(record));
  const readme = join(settings.root, "README.md");
  writeFileSync(readme, intoReadme(readFileSync(readme, "utf8"), record));
}
