// Proof that no byte of a request left, as an allow-list by runtime. What is not recognised is no proof: an error that a runtime renames
// costs a look at the stats, never a second SMS.

// How deep the causes of an error are followed; Node's own go two deep.
const DEPTH = 5;

// How many attempts at a connection are looked at; Node makes one for each address of a name.
const ATTEMPTS = 64;

// OpenSSL's words for a certificate that was refused before the request.
const CERTIFICATE = [
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "HOSTNAME_MISMATCH",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

// Bun's words for a name or a connection that could not be had. A TLS handshake that fails is a reset to it, as one after the request.
const BUN = ["ECONNREFUSED", "ENOTFOUND"];

// Deno's words for the same, after an address in brackets.
const DENO = "): client error (Connect): ";

// The name under which Node's `fetch` tells of each request that it begins to write.
const BEGINS_TO_WRITE = "undici:client:sendHeaders";

// The posts under way, once Node tells of what it writes. Whoever listens and ends again with each call pays more than for the post.
let watched;

/**
 * What is watched while a runtime's own `fetch` posts, to judge later why it rejected. workerd and browsers say the same for all failures.
 *
 * @param {string | undefined} runtime as `runtimeOf` gives it
 * @param {string} url
 * @param {boolean} ownsConnection whether it won't take a connection that was used before
 */
export function evidence(runtime, url, ownsConnection) {
  if (runtime === "node") return new Posts(url);
  const proves = runtime === "bun" ? provesInBun : runtime === "deno" && ownsConnection ? provesInDeno : () => false;
  return { neverLeft: (thrown) => safely(proves, thrown), end() {} };
}

/** Looks out for POSTs to one URL: a dispatcher that somebody put under Node's `fetch` may repeat a request, and end with one that could not connect. */
class Posts {
  #url;
  #told;
  #seen = false;

  constructor(url) {
    this.#url = url;
    this.#told = listen();
    if (this.#told) watched.add(this);
  }

  // The path as it is written; a request of somebody else's to the same one costs the proof, no more.
  see(path) {
    if (typeof path !== "string" || this.#url.endsWith(path)) this.#seen = true;
  }

  /** Whether what `fetch` rejected with proves that no byte left. */
  neverLeft(thrown) {
    return this.#told && !this.#seen && safely((error) => provesInNode(error, DEPTH), thrown);
  }

  end() {
    watched?.delete(this);
  }
}

/** Listens to what Node's `fetch` tells, from the first post on; gives whether it does. */
function listen() {
  if (watched !== undefined) return true;
  try {
    const posts = new Set();
    process.getBuiltinModule("node:diagnostics_channel").subscribe(BEGINS_TO_WRITE, (message) => {
      if (posts.size === 0) return;
      let path;
      try {
        path = message.request.path;
      } catch {}
      for (const post of posts) post.see(path);
    });
    watched = posts;
    return true;
  } catch {
    return false;
  }
}

function safely(proves, thrown) {
  try {
    return proves(thrown);
  } catch {
    return false;
  }
}

function provesInNode(error, depth) {
  if (depth === 0 || !isObject(error)) return false;
  const { errors } = error;
  if (Array.isArray(errors)) {
    // Several addresses were tried: each attempt has to prove it.
    const { length } = errors;
    if (!(length >= 1 && length <= ATTEMPTS)) return false;
    for (let i = 0; i < length; i++) if (!provesInNode(errors[i], depth - 1)) return false;
    return true;
  }
  const { code, syscall } = error;
  return (
    ["connect", "getaddrinfo"].includes(syscall) ||
    code === "UND_ERR_CONNECT_TIMEOUT" ||
    CERTIFICATE.includes(code) ||
    provesInNode(error.cause, depth - 1)
  );
}

function provesInBun({ code }) {
  return BUN.includes(code) || CERTIFICATE.includes(code);
}

function provesInDeno(error) {
  return [error, error.cause].some((error) => isObject(error) && typeof error.message === "string" && error.message.includes(DENO));
}

export function isObject(value) {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
