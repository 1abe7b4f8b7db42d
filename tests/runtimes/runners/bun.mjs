// Bun: `options.how` is "run" (with `options.modules` "esm" or "cjs"), "build" or "compile". What was built runs where
// no package is installed.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { binary, readResults, writeProgram } from "../programs.mjs";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const bun = await binary(modules, "@oven/bun-linux-x64/bin/bun");
  const { how, modules: kind = "esm" } = entry.options;
  const options = { cwd: workspace };
  note(`Bun ${(await processes.output(bun, ["--version"])).trim()}`);
  const program = await writeProgram({ workspace, server, entry, modules: kind });
  if (how === "run") return readResults(await processes.output(bun, ["--no-install", program], options));

  const built = join(workspace, how === "compile" ? "program" : "bundle.mjs");
  const flags = how === "compile" ? ["--compile", "--minify"] : ["--target=bun"];
  await processes.output(bun, ["build", program, ...flags, `--outfile=${built}`], options);
  await rm(join(workspace, "node_modules"), { recursive: true });
  await rm(join(workspace, "suite"), { recursive: true });
  const [file, ...args] = how === "compile" ? [built] : [bun, "--no-install", built];
  return readResults(await processes.output(file, args, options));
}
