// A program for a runtime that makes a module of an import of wasm. With the library `dom`, which has `WebAssembly`.
import wasm from "paydunya-crm/crm_bg.wasm";
import { initialize, parsePhone } from "paydunya-crm/slim";

initialize(wasm);
initialize(new WebAssembly.Module(new Uint8Array()));
export const { ok }: { ok: boolean } = parsePhone("1");
