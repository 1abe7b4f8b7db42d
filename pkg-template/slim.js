// The caller brings the wasm.
import * as glue from "./crm_bg.js";
import { givenModule } from "./given-module.js";
import { instantiate } from "./instantiate.js";
import { startFailure } from "./start-failure.js";

const file = "paydunya-crm/crm_bg.wasm";
let wasmModule;

instantiate(glue, "./crm_bg.js", () => {
  if (wasmModule !== undefined) return wasmModule;
  throw startFailure("not-initialized", `call initialize(wasm) with ${file} before anything else`);
});

/** Takes the wasm, once; slim.d.ts documents it. */
export function initialize(wasm) {
  wasmModule ??= givenModule(wasm, file, "crmclient_new");
}

export * from "./crm.js";
