import { Auth } from "@vonage/auth";
import { SMS } from "@vonage/sms";

export const create = (options) => new SMS(new Auth({ apiKey: "key", apiSecret: "secret" }), options);
export const loopback = (origin) => ({ restHost: origin });
export const send = (client, { to, text }) => client.send({ from: "MaBoutique", to, text });
