// A server on loopback that accepts every message at once, or after some ms, as each client expects it to be said.
//
// usage: node server.mjs [ms]; it tells its origin to the process that forked it
import { createServer } from "node:http";

const latency = Number(process.argv[2] ?? 0);

const answers = [
  ["/api/v1/auth/login", () => json({ access_token: "c2FuZGJveC10b2tlbg.".repeat(8), token_type: "bearer", expires_in: 3600 })],
  ["/api/v1/sms/send", (body) => json(sent(JSON.parse(body).send_sms_request.sms))],
  ["/2010-04-01/", () => json({ sid: "SM00000000000000000000000000000000", status: "queued", error_code: null }, 201)],
  ["/v2/messages", () => json({ data: { id: "1", record_type: "message", parts: 1, to: [{ status: "queued" }] } })],
  ["/v1/Account/", () => json({ api_id: "1", message: "message(s) queued", message_uuid: ["1"] }, 202)],
  ["/sms/json", () => json({ "message-count": "1", messages: [{ to: "221776665544", "message-id": "1", status: "0" }] })],
  ["/version1/messaging", () => json({ SMSMessageData: { Message: "Sent to 1/1", Recipients: [{ statusCode: 101, status: "Success", messageId: "1" }] } }, 201)],
  ["/sms.do", () => json({ count: 1, list: [{ id: "1", points: 0.1, number: "221776665544", status: "QUEUE", error: null }] })],
  ["/", () => xml("<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>")],
];

function sent(sms) {
  const answered = sms.map(({ from, to, text }, i) => ({ code: `CODE-${i}`, sender_addresss: from, receiver_address: to, text }));
  return { code: "00", message: "sms_sent", description: "The sms sent successfully", data: { sms: answered } };
}

function json(value, status = 200) {
  return { status, type: "application/json", text: JSON.stringify(value) };
}

function xml(text) {
  return { status: 200, type: "text/xml", text };
}

const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const [, answer] = answers.find(([path]) => request.url.startsWith(path));
  const { status, type, text } = answer(body);
  const end = () => response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) }).end(text);
  latency > 0 ? setTimeout(end, latency) : end();
});
// Runs of a benchmark are seconds apart, and a connection that ends meanwhile would be the next run's cost.
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on("disconnect", () => process.exit());
