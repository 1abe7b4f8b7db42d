import { CrmClient } from "paydunya-crm";

const account = { userKey: "u", secretKey: "s", appKey: "a", sender: "MaBoutique", defaultCountry: "SN" };

export const create = (options) => new CrmClient({ ...account, ...options });
export const loopback = (origin) => ({ baseUrl: `${origin}/api/v1` });
export const check = (client, message) => client.check(message);
export const send = (client, message) => client.send(message);
export const sendBatch = (client, messages) => client.send(messages);
