// What a part of the wasm weighs: the difference that it makes where the functions of some modules do nothing.
//
// The compiler puts what is short into its callers, and the sentences that a function chooses from lie beside all others:
// these stay in both, so the part weighs somewhat more than this says.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { kilobytes } from "./bundles.mjs";

/**
 * Kilobytes, gzip.
 *
 * @param {string[]} modules of the crate
 * @param {Buffer[]} data that they alone read, as it lies in the wasm
 */
export async function partOfWasm(modules, data, { tools, wasm }) {
  const { default: binaryen } = await import(pathToFileURL(join(tools, "binaryen/index.js")));
  const whole = readFileSync(wasm);
  const module = binaryen.readBinary(whole);
  // Also what the standard library makes for their types. Compilers may put a number behind the crate's name.
  const path = new RegExp(`paydunya_crm(\\[\\w+\\])?::(${modules.join("|")})::`);
  let found = 0;
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const each = module.getFunctionByIndex(i);
    const { name, base } = binaryen.getFunctionInfo(each);
    if (base || !path.test(name)) continue;
    binaryen.Function.setBody(each, module.unreachable());
    found++;
  }
  const rest = Buffer.from(module.emitBinary());
  const places = data.map((bytes) => rest.indexOf(bytes));
  if (found === 0 || places.includes(-1)) throw new Error("The wasm has no names of functions, or not the data of the part.");
  places.forEach((place, i) => rest.fill(0, place, place + data[i].length));
  return shrunk(whole, tools) - shrunk(rest, tools);
}

function shrunk(bytes, tools) {
  const folder = mkdtempSync(join(tmpdir(), "paydunya-crm-"));
  const [from, to] = ["from.wasm", "to.wasm"].map((file) => join(folder, file));
  writeFileSync(from, bytes);
  execFileSync(join(tools, ".bin/wasm-opt"), ["-Oz", "--strip-debug", "--strip-producers", "--strip-target-features", from, "-o", to]);
  const size = kilobytes([{ contents: readFileSync(to) }], "gzip");
  rmSync(folder, { recursive: true });
  return size;
}
