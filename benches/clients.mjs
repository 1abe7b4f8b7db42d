// The clients that are compared: ours first, then those that other providers publish.

/** @type {{ name: string, file: string, packages?: string[] }[]} the file in clients/, and what is installed for it */
export const clients = [
  { name: "paydunya-crm", file: "paydunya-crm" },
  { name: "twilio", file: "twilio" },
  { name: "telnyx", file: "telnyx" },
  { name: "plivo", file: "plivo" },
  { name: "@vonage/sms", file: "vonage", packages: ["@vonage/sms", "@vonage/auth"] },
  { name: "africastalking", file: "africastalking" },
  { name: "smsapi", file: "smsapi" },
  { name: "@aws-sdk/client-sns", file: "client-sns" },
];

/** What an application would write instead. */
export const handWritten = { name: "hand-written fetch", file: "fetch" };
