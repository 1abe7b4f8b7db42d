// An account of the API for one test: a sandbox of its own on the server, and clients of it.

/** The keys of every account, as options of a client: also in browsers, where keys are refused otherwise. */
export const keys = {
  userKey: "user-key",
  secretKey: "secret-key",
  appKey: "app-key",
  dangerouslyAllowBrowser: true,
};
export const message = { to: "+221776665544", text: "Votre commande est prête." };

/** So many different messages to different receivers. */
export function messages(count) {
  return Array.from({ length: count }, (_, index) => ({ to: `+22177666${1000 + index}`, text: `Commande ${index}` }));
}

/**
 * Makes a sandbox on the server.
 *
 * @param {{ crm: object, server: string }} suite
 * @param {object} [options] of the sandbox, `redirects` and `closes`: see server.mjs
 */
export async function account({ crm, server }, options = {}) {
  const sandboxes = `${server}/control/sandboxes`;
  const made = await fetch(sandboxes, { method: "POST", body: JSON.stringify(options) });
  if (!made.ok) throw new Error(await made.text());
  const { id, baseUrl } = await made.json();
  const reportUrl = `${sandboxes}/${id}`;
  return {
    baseUrl,
    reportUrl,
    /** A client with the account's keys. */
    client: (more) => new crm.CrmClient({ ...keys, baseUrl, sender: "MaBoutique", ...more }),
    /** What the server knows: see server.mjs. Waits until so many requests were `received`, or `closed` by the client. */
    async report({ received = 0, closed = 0 } = {}) {
      return (await fetch(`${reportUrl}?received=${received}&closed=${closed}`)).json();
    },
    /** Logs every token out. */
    async logout() {
      await fetch(`${reportUrl}/logout`, { method: "POST" });
    },
  };
}

/** A base URL where nothing listens. */
export async function closedPort({ server }) {
  return (await (await fetch(`${server}/control/closed-port`, { method: "POST" })).json()).baseUrl;
}

/** The calls of a report, in their order. */
export const calls = ({ requests }) => requests.map(({ call }) => call);
