// Node: the one on the PATH, or Node 24 from npm; with `options.modules` "esm" or "cjs".
import { access } from "node:fs/promises";
import { join } from "node:path";
import { readResults, writeProgram } from "../programs.mjs";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const node = entry.options.version === 24 ? await node24(modules) : "node";
  note(`Node ${(await processes.output(node, ["--version"])).trim()}`);
  const program = await writeProgram({ workspace, server, entry, modules: entry.options.modules });
  return readResults(await processes.output(node, [program], { cwd: workspace }));
}

async function node24(modules) {
  const node = join(modules, "node24/bin/node");
  await access(node).catch(() => {
    throw new Error("npm has Node 24 as a package for Linux on x86-64 alone.");
  });
  return node;
}
