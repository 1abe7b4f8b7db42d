import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

const account = { region: "eu-west-1", credentials: { accessKeyId: "id", secretAccessKey: "key" } };

export const create = (options) => new SNSClient({ ...account, ...options });
export const loopback = (origin) => ({ endpoint: origin });
export const send = (client, { to, text }) => client.send(new PublishCommand({ PhoneNumber: to, Message: text }));
