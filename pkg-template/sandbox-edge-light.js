// As in edge-light.js.
import * as glue from "./sandbox_bg.js";
import wasmModule from "./sandbox_bg.wasm?module";
import { instantiate } from "./instantiate.js";

instantiate(glue, "./sandbox_bg.js", () => wasmModule);

export { Sandbox } from "./sandbox-class.js";
