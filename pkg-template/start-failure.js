import { CrmError } from "./error.js";

/** The error of a package that cannot start, and what to do about it. */
export function startFailure(reason, advice, cause) {
  const message = `paydunya-crm: ${advice}`;
  return new CrmError(message, {
    kind: "invalid",
    issues: [{ severity: "error", field: "option", reason, message }],
    ...(cause !== undefined && { cause }),
  });
}

export function withoutWebAssembly() {
  return startFailure(
    "unsupported-runtime",
    "this runtime has no WebAssembly (React Native has none): use the package on a server, and call your server",
  );
}

/** What an engine threw instead of compiling; each has words of its own. An error of this package stays as it is. */
export function cannotCompile(error) {
  if (error instanceof CrmError) return error;
  const words = String(error?.message);
  const advice = /embedder/i.test(words)
    ? 'this runtime compiles no bytes: bundle with the condition "workerd" or "edge-light", or use paydunya-crm/slim'
    : /unsafe-eval|content.security|\bCSP\b/i.test(words)
      ? "the page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src"
      : "the WebAssembly does not start here";
  return startFailure("unsupported-runtime", `${advice} (${words})`, error);
}
