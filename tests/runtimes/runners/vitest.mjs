// Vitest, with the suite as its tests: `options.pool` is "forks", its default, or "vmThreads", where each file has a
// realm of its own.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTestReport, writeTests } from "../test-files.mjs";

export async function run({ entry, workspace, modules, server, processes, note }) {
  const { version } = JSON.parse(await readFile(join(modules, "vitest/package.json"), "utf8"));
  note(`Vitest ${version}, pool ${entry.options.pool}`);
  const imports = `import { describe, test } from "vitest";\n`;
  await writeTests({ workspace, modules, server, entry, processes, kind: "esm", imports });
  const args = ["run", "--root", workspace, `--pool=${entry.options.pool}`, "--testTimeout=15000", "--reporter=json"];
  return readTestReport(workspace, (file) =>
    processes.output(process.execPath, [join(modules, "vitest/vitest.mjs"), ...args, `--outputFile=${file}`], {
      cwd: workspace,
      env: { CI: "1" },
    }),
  );
}
