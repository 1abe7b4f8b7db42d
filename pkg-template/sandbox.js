// As in index.js.
import * as glue from "./sandbox_bg.js";
import encoded from "./sandbox_bg.wasm.js";
import { decoded } from "./decoded.js";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./sandbox_bg.js", () => new WebAssembly.Module(decoded(encoded)));

export { Sandbox } from "./sandbox-class.js";
