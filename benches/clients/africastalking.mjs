import africastalking from "africastalking";
import addresses from "africastalking/lib/common.js";

export const create = () => africastalking({ username: "shop", apiKey: "key" }).SMS;

// It has no option for another address.
export const loopback = (origin) => {
  addresses.SMS_URL = `${origin}/version1/messaging`;
  return {};
};
export const send = (client, { to, text }) => client.send({ from: "MaBoutique", to: [to], message: text });
