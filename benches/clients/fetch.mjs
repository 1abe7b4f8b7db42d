// What an application would write instead of a client: it posts and reads JSON, and checks nothing.

// As long as real ones.
const keys = { userKey: "c2FuZGJveC11c2VyLWtleS0wMDAwMDAwMDAwMDE", secretKey: "c2FuZGJveC1zZWNyZXQta2V5LTAwMDAwMDAwMDAwMQ", appKey: "c2FuZGJveC1hcHAta2V5LTAwMDAwMDAwMDAwMDE" };
const account = { baseUrl: "https://crm.paydunya.com/api/v1", ...keys, sender: "MaBoutique" };

export const create = (options) => ({ ...account, ...options });
export const loopback = (origin) => ({ baseUrl: `${origin}/api/v1` });
export const send = (client, message) => sendBatch(client, [message]);

export async function sendBatch(client, messages) {
  client.login ??= post(client, "/auth/login", { user_key: client.userKey, secret_key: client.secretKey });
  const { access_token: token } = await client.login;
  const sms = messages.map(({ to, text }) => ({ from: client.sender, to, text }));
  const answer = await post(client, "/sms/send", { send_sms_request: { type: "application", app_key: client.appKey, sms } }, token);
  if (answer.code !== "00" || answer.data.sms.length !== messages.length) throw new Error(answer.message);
  return answer.data.sms;
}

async function post({ baseUrl }, path, body, token) {
  const headers = { "Content-Type": "application/json", Accept: "application/vnd.apisms.v1+json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(baseUrl + path, { method: "POST", headers, body: JSON.stringify(body) });
  return response.json();
}
