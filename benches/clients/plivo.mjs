import plivo from "plivo";

export const create = (options) => new plivo.Client("MA0000000000000000000", "token", options);
export const loopback = (origin) => ({ url: `${origin}/v1/Account/MA0000000000000000000` });
export const send = (client, { to, text }) => client.messages.create({ src: "MaBoutique", dst: to, text });
