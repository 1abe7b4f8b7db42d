import Telnyx from "telnyx";

export const create = (options) => new Telnyx({ apiKey: "key", ...options });
export const loopback = (origin) => ({ baseURL: `${origin}/v2` });
export const send = (client, { to, text }) => client.messages.send({ from: "MaBoutique", to, text });
