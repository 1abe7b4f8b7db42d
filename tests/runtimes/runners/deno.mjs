// Deno, with leave to use the network of this machine and nothing else; with `options.modules` "esm", "cjs" or "npm"
// (an `npm:` specifier); `options.hosts` are those that it may ask, and without it this machine.
import { join } from "node:path";
import { binary, readResults, writeProgram } from "../programs.mjs";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const deno = await binary(modules, "@deno/linux-x64-glibc/deno");
  const npm = entry.options.modules === "npm";
  const program = await writeProgram({
    workspace,
    server,
    entry,
    modules: npm ? "esm" : entry.options.modules,
    specifier: npm ? "npm:paydunya-crm" : undefined,
  });
  const options = { cwd: workspace, env: { DENO_DIR: join(workspace, ".deno"), DENO_NO_UPDATE_CHECK: "1" } };
  note((await processes.output(deno, ["--version"], options)).split("\n")[0]);
  const flags = ["--no-prompt", "--no-remote", "--cached-only", "--node-modules-dir=manual"];
  const net = `--allow-net=${entry.options.hosts ?? "127.0.0.1"}`;
  return readResults(await processes.output(deno, ["run", ...flags, net, program], options));
}
