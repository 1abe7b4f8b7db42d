import { CrmClient } from "paydunya-crm";

// As long as real ones.
const keys = { userKey: "c2FuZGJveC11c2VyLWtleS0wMDAwMDAwMDAwMDE", secretKey: "c2FuZGJveC1zZWNyZXQta2V5LTAwMDAwMDAwMDAwMQ", appKey: "c2FuZGJveC1hcHAta2V5LTAwMDAwMDAwMDAwMDE" };
const account = { ...keys, sender: "MaBoutique", defaultCountry: "SN" };

export const create = (options) => new CrmClient({ ...account, ...options });
export const loopback = (origin) => ({ baseUrl: `${origin}/api/v1` });
export const check = (client, message) => client.check(message);
export const send = (client, message) => client.send(message);
export const sendBatch = (client, messages) => client.send(messages);
