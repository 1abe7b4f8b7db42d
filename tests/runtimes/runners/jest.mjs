// Jest, with the suite as its tests: `options.modules` is "cjs", as Jest does by default, or "esm", with Node's flag
// for modules in a context; with `options.environment` "jsdom" a setup file brings what the package needs of Node.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readTestReport, writeTests } from "../test-files.mjs";

// What a user of jsdom adds, as the README says.
const setup = `const { TextDecoder, TextEncoder } = require("node:util");
Object.assign(globalThis, { TextDecoder, TextEncoder });
`;

const withoutSetup = `const { CrmClient } = require("paydunya-crm");
test("says what a setup file must bring", () => {
  expect(globalThis.TextDecoder).toBe(undefined);
  const hint = /testEnvironment "node", or put node:util's into globalThis in a setup file/;
  expect(() => new CrmClient().check({ to: "+221776665544", text: "Bonjour" })).toThrow(hint);
});
`;

export async function run({ entry, workspace, modules, server, processes, note }) {
  const { modules: kind, environment = "node" } = entry.options;
  const { version } = JSON.parse(await readFile(join(modules, "jest/package.json"), "utf8"));
  note(`Jest ${version}, testEnvironment ${environment}`);

  const jest = join(modules, "jest/bin/jest.js");
  const flags = kind === "esm" ? ["--experimental-vm-modules", "--no-warnings"] : [];
  const execute = (config, ...args) =>
    processes.output(process.execPath, [...flags, jest, "--config", JSON.stringify(config), ...args], {
      cwd: workspace,
      env: { CI: "1" },
    });
  const config = { rootDir: workspace, testEnvironment: environment, testTimeout: 15_000 };
  if (environment === "jsdom") {
    await writeFile(join(workspace, "without-setup.test.cjs"), withoutSetup);
    await execute(config, "without-setup");
    await writeFile(join(workspace, "setup.cjs"), setup);
    config.setupFiles = ["<rootDir>/setup.cjs"];
  }
  await writeTests({ workspace, modules, server, entry, processes, kind });
  return readTestReport(workspace, (file) => execute(config, "--json", `--outputFile=${file}`, "suite.test"));
}
