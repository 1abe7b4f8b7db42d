// What must show up nowhere: each is long enough to be found, and none is part of another.
export const keys = { userKey: "CANARY-user-4f1d", secretKey: "CANARY-secret-9b27", appKey: "CANARY-app-c3e8" };
export const token = "CANARY-token-71aa";

const numbers = ["+221776665544", "+221771112233"];
const texts = ["CANARY-text-b0d5 un", "CANARY-text-b0d5 deux"];
export const messages = numbers.map((to, index) => ({ from: "SENDER-ID", to, text: texts[index] }));

/** 50 messages that no buffer of a connection takes at once. */
export const large = Array.from({ length: 50 }, (_, index) => ({
  from: "SENDER-ID",
  to: `+2217766655${String(index).padStart(2, "0")}`,
  text: `${texts[0]} ${index} `.padEnd(20_000, "x"),
}));

// A number without its country is one too.
export const canaries = [...Object.values(keys), token, "CANARY-text-b0d5", "776665544", "771112233", "7766655"];
