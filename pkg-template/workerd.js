// Cloudflare's runtime compiles no bytes; a `.wasm` that is imported there is a `WebAssembly.Module`.
import * as glue from "./crm_bg.js";
import wasmModule from "./crm_bg.wasm";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./crm_bg.js", () => wasmModule);

export * from "./crm.js";
