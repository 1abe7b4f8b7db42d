// The folder that a runtime's program runs in: as a user's, with the packed package installed.
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Makes the folder anew, with the package that `project` has installed and a copy of a suite. */
export async function fillWorkspace(workspace, { project, suite }) {
  await rm(workspace, { recursive: true, force: true });
  await mkdir(join(workspace, "node_modules"), { recursive: true });
  const installed = join(project, "node_modules/paydunya-crm");
  await cp(installed, join(workspace, "node_modules/paydunya-crm"), { recursive: true });
  await cp(suite, join(workspace, "suite"), { recursive: true });
  const { version } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  const manifest = { private: true, type: "module", dependencies: { "paydunya-crm": version } };
  await writeFile(join(workspace, "package.json"), JSON.stringify(manifest));
}
