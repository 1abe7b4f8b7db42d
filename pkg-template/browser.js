/** Whether this is a page or a worker of a browser, where whoever opens it can read all that it holds. */
export function inBrowser() {
  const { Bun, Deno, EdgeRuntime, document, importScripts, navigator, process, window } = globalThis;
  // These have globals of a browser too: Deno and Bun those of a worker, and Node those of a page, once a test puts them
  // there (Jest and Vitest with jsdom or happy-dom) or in Electron.
  const server = process?.versions?.node ?? Deno ?? Bun ?? EdgeRuntime;
  if (server !== undefined || navigator === undefined || navigator.userAgent === "Cloudflare-Workers") return false;

  const page = typeof window === "object" && typeof document === "object";
  return page || typeof importScripts === "function";
}
