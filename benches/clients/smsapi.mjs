import { SMSAPI } from "smsapi";

export const create = ({ origin }) => new SMSAPI("token", origin);
export const loopback = (origin) => ({ origin });
export const send = (client, { to, text }) => client.sms.sendSms(to, text, { from: "MaBoutique" });
