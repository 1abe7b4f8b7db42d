import twilio from "twilio";

export const create = (options) => twilio("AC00000000000000000000000000000000", "token", options);

// It takes no address but those of Twilio itself.
export const loopback = (origin) => {
  const client = new twilio.RequestClient();
  const request = ({ uri, ...options }) => client.request({ ...options, uri: uri.replace("https://api.twilio.com", origin) });
  return { httpClient: { request } };
};
export const send = (client, { to, text }) => client.messages.create({ from: "MaBoutique", to, body: text });
