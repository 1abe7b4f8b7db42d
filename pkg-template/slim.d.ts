/**
 * The same client without its wasm, for hosts that want it as a file of its own: `paydunya-crm/crm_bg.wasm`.
 *
 * @module
 */

export * from "./index.js";

/**
 * Takes the wasm, synchronously. Anything else that is called before throws a `CrmError` of kind `invalid` whose issue has
 * the reason `not-initialized`. Once it succeeded, further calls do nothing.
 *
 * @example
 * import { readFileSync } from "node:fs";
 * initialize(readFileSync(new URL(import.meta.resolve("paydunya-crm/crm_bg.wasm"))));
 *
 * @param wasm the `WebAssembly.Module` of `paydunya-crm/crm_bg.wasm` of this very version, or its bytes; of any realm
 * @throws {CrmError} kind `invalid`, where it is something else
 */
export function initialize(wasm: CompiledModule | ArrayBuffer | ArrayBufferView): void;

/** A `WebAssembly.Module`, which TypeScript knows with the library `dom` only. A promise of one is not taken. */
export interface CompiledModule {
  readonly then?: never;
}
