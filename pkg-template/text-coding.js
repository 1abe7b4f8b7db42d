// esbuild puts these in the place of the globals. The glue makes its own when it is imported, and Jest's jsdom has none:
// so they wait until the first use, and then say what is missing.
import { startFailure } from "./start-failure.js";

class LazyDecoder {
  #options;
  #native;

  constructor(label, options) {
    this.#options = [label, options];
  }

  decode(bytes) {
    // The glue's first call, to warm it up.
    if (bytes === undefined) return "";
    this.#native ??= made("TextDecoder", this.#options);
    return this.#native.decode(bytes);
  }
}

class LazyEncoder {
  #native;

  encode(text) {
    this.#native ??= made("TextEncoder", []);
    return this.#native.encode(text);
  }

  encodeInto(text, bytes) {
    this.#native ??= made("TextEncoder", []);
    return this.#native.encodeInto(text, bytes);
  }
}

function made(name, options) {
  const native = globalThis[name];
  if (native !== undefined) return new native(...options);
  throw startFailure(
    "unsupported-runtime",
    `this runtime has no ${name}: under Jest use testEnvironment "node", or put node:util's into globalThis in a setup file`,
  );
}

export { LazyDecoder as TextDecoder, LazyEncoder as TextEncoder };
