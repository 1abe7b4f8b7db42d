// What npm has installed for a package.
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export function manifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The folder of a package that a file in `from` would import. */
export function installedFolder(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The folders of packages and of all that they depend on, one by one or together. */
function withDependencies(names, from, folders = new Set()) {
  for (const name of names) {
    const folder = installedFolder(name, from);
    // Optional ones may be missing.
    if (folder === undefined || folders.has(folder)) continue;
    folders.add(folder);
    const { dependencies, optionalDependencies, peerDependencies } = manifest(folder);
    withDependencies(Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }), folder, folders);
  }
  return folders;
}

/** Packages, files and megabytes on the disk, with all dependencies. */
export function installed(names, from) {
  const folders = withDependencies(names, from);
  let files = 0;
  let bytes = 0;
  const add = (path) => {
    const status = lstatSync(path);
    bytes += status.blocks * 512;
    if (!status.isDirectory()) return void files++;
    for (const name of readdirSync(path)) if (name !== "node_modules") add(join(path, name));
  };
  for (const folder of folders) add(folder);
  return { packages: folders.size, files, megabytes: bytes / 1e6 };
}
