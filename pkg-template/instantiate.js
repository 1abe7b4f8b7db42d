import { cannotCompile, startFailure, withoutWebAssembly } from "./start-failure.js";

/**
 * Makes the glue of a wasm module work without an init call: the first access to an export instantiates the module,
 * synchronously, and puts the real exports in place. Until then nothing is compiled, and importing costs nothing.
 *
 * @param glue the namespace of the glue module that the wasm was built with
 * @param {string} importName the one module name that the wasm imports from
 * @param {() => WebAssembly.Module} wasmModule called once, at the first access; called again at the next one if it throws
 */
export function instantiate(glue, importName, wasmModule) {
  let exports;

  function load() {
    if (typeof WebAssembly === "undefined") throw withoutWebAssembly();
    try {
      // It takes a module of another realm too, which is no instance of this one's `WebAssembly.Module`.
      exports = new WebAssembly.Instance(wasmModule(), { [importName]: glue }).exports;
    } catch (error) {
      throw cannotCompile(error);
    }
    glue.__wbg_set_wasm(exports);
    exports.__wbindgen_start?.();
  }

  glue.__wbg_set_wasm(
    new Proxy(
      {},
      {
        get(_, name) {
          if (exports === undefined) load();
          return exports[name];
        },
      },
    ),
  );
}
