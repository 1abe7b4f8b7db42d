// What a client weighs: installed, and in the bundle of a program that makes one and sends a message.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kilobytes, nodeBundle, workerBundle } from "./bundles.mjs";
import { server } from "./children.mjs";
import { clients } from "./clients.mjs";
import { installed, installedFolder, manifest } from "./installed.mjs";
import { partOfWasm } from "./part.mjs";
import { exact } from "./report.mjs";
import { worker } from "./workerd.mjs";

/** @returns {Promise<import("./report.mjs").Part>} */
export async function measure(settings) {
  const { origin, close } = await server();
  const bundles = { Node: {}, workerd: {} };
  for (const { name, file } of clients) {
    bundles.Node[name] = await nodeBundle(file, settings);
    bundles.workerd[name] = await runningWorker(file, origin, settings);
  }
  close();
  const forms = { raw: "minified", gzip: "minified and gzip", ...(!settings.quick && { brotli: "minified and brotli" }) };
  const figures = Object.entries(bundles).flatMap(([runtime, files]) =>
    Object.entries(forms).map(([form, words]) => ({
      id: `bundle-${runtime.toLowerCase()}-${form}`,
      title: `bundle of "make a client and send" for ${runtime}, ${words}`,
      unit: "kB",
      rows: exact(clients.map(({ name }) => [name, files[name].missing ?? kilobytes(files[name], form)])),
    })),
  );
  return { figures: [...installFigures(), ...figures], budgets: await budgets(settings), versions: versions() };
}

/** The size of what does not run says nothing: one client becomes a bundle that only throws. */
async function runningWorker(file, origin, settings) {
  try {
    const start = await worker(file, origin, settings);
    await start();
  } catch (error) {
    return { missing: error.message };
  }
  return workerBundle(
    `import { create, send } from "./clients/${file}.mjs";
const client = create();
export default { fetch: async () => Response.json(await send(client, { to: "+221776665544", text: "Bonjour" })) };`,
    settings,
  );
}

function installFigures() {
  const all = clients.map(({ name, packages = [name] }) => ({ name, ...installed(packages, import.meta.dirname) }));
  const figure = (key, unit) => ({
    id: `installed-${key}`,
    title: "installed, with all dependencies",
    unit,
    rows: exact(all.map((one) => [one.name, one[key]])),
  });
  return [figure("megabytes", "MB on the disk"), figure("packages", "packages"), figure("files", "files")];
}

async function budgets(settings) {
  const folder = installedFolder("paydunya-crm", import.meta.dirname);
  const size = (...names) => kilobytes(names.map((name) => ({ contents: readFileSync(join(folder, "dist", name)) })), "gzip");
  const { dependencies, optionalDependencies, peerDependencies } = manifest(folder);
  const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const part = await partOfWasm(["phone", "text"], [readFileSync(join(settings.root, "src/phone/table.bin"))], settings);
  return [
    { id: "index", what: "index.mjs with everything in it, gzip", unit: "kB", value: size("index.mjs"), atMost: 90, aim: 70 },
    { id: "workerd", what: "workerd.mjs and crm_bg.wasm, gzip", unit: "kB", value: size("workerd.mjs", "crm_bg.wasm"), atMost: 75, aim: 55 },
    { id: "judgement-part", what: "phone and text part of the wasm, gzip", unit: "kB", value: part, atMost: 14, aim: 12 },
    { id: "dependencies", what: "production dependencies", unit: "", value: packages.length, atMost: 0 },
  ];
}

function versions() {
  const names = clients.flatMap(({ name, packages = [name] }) => packages);
  return Object.fromEntries(names.map((name) => [name, manifest(installedFolder(name, import.meta.dirname)).version]));
}
