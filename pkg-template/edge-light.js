// Vercel's edge runtime compiles no bytes either, and asks for the module by this suffix. It comes from another realm:
// it is no instance of this one's `WebAssembly.Module`.
import * as glue from "./crm_bg.js";
import wasmModule from "./crm_bg.wasm?module";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./crm_bg.js", () => wasmModule);

export * from "./crm.js";
