/** A `WebAssembly.Module` where the runtime or the bundler makes one of the import. */
declare const wasm: { readonly then?: never };
export default wasm;
