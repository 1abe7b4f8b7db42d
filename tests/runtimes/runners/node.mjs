// Node: the one on the PATH, or with `options.version` 24 that of npm; with `options.modules` "esm" or "cjs".
import { binary, readResults, writeProgram } from "../programs.mjs";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const { version, modules: kind } = entry.options;
  const node = version === 24 ? await binary(modules, "node24/bin/node") : "node";
  note(`Node ${(await processes.output(node, ["--version"])).trim()}`);
  const program = await writeProgram({ workspace, server, entry, modules: kind });
  return readResults(await processes.output(node, [program], { cwd: workspace }));
}
