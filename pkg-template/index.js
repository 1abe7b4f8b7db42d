// The wasm is part of the file: there is no second file to lose, to fetch or to be given a path.
import * as glue from "./crm_bg.js";
import encoded from "./crm_bg.wasm.js";
import { decoded } from "./decoded.js";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./crm_bg.js", () => new WebAssembly.Module(decoded(encoded)));

export * from "./crm.js";
