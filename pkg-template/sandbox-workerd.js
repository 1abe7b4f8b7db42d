// As in workerd.js.
import * as glue from "./sandbox_bg.js";
import wasmModule from "./sandbox_bg.wasm";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./sandbox_bg.js", () => wasmModule);

export { Sandbox } from "./sandbox-class.js";
