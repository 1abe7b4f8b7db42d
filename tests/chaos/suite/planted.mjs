// Bugs that are planted around the package, to see that they are found. What each changes: `options` of the client, the
// journal that it is `sending` or `reconciling` with, and what is done `before` it sends.
import { crc32 } from "node:zlib";

const bugs = {
  "intent after the POST"(journal) {
    const held = [];
    const append = (line) => {
      held.push(line);
      if (line.includes('["intent"')) return Promise.resolve();
      return Promise.all(held.splice(0).map((line) => journal.append(line)));
    };
    return { sending: { read: () => journal.read(), append } };
  },

  // What the process itself still holds is lost with it. That a sync is missing no kill can show: the system keeps what
  // it was given, whatever becomes of the process. tests/journal has a disk that loses it.
  "acknowledged before it is written": (journal) => ({
    sending: { read: () => journal.read(), append: async (line) => void setTimeout(() => journal.append(line), 20) },
  }),

  "sent again after a crash": (journal) => ({
    options: { fetch: async (url, init) => (url.endsWith("/sms/stats") ? answer(nothingFound(init)) : fetch(url, init)) },
    before: (crm) => crm.reconcile(journal, { settle: 0, requeue: true }),
  }),

  "sent again after a reset": () => ({
    options: { fetch: (url, init) => fetch(url, init).catch(() => fetch(url, init)) },
  }),

  "HTML taken as sent": () => ({
    options: {
      async fetch(url, init) {
        const response = await fetch(url, init);
        const isPage = response.status === 200 && (await response.clone().text()).startsWith("<");
        return isPage ? answer(allSent(init)) : response;
      },
    },
  }),

  // Whoever asks stats has forgotten the codes that came with answers.
  "a code of stats used twice": (journal) => ({
    reconciling: { append: (line) => journal.append(line), read: () => changed(journal, '"sent"') },
  }),

  "a settled message forgotten": (journal) => ({
    sending: { append: (line) => journal.append(line), read: () => changed(journal, '"not-sent"') },
  }),
};

/** What each makes of messages, and the fault that it has to meet. */
export const expected = {
  "intent after the POST": { breaks: "doubled" },
  "acknowledged before it is written": { breaks: "doubled" },
  "sent again after a crash": { breaks: "doubled" },
  "sent again after a reset": { breaks: "doubled", fault: "accepted, reset" },
  "HTML taken as sent": { breaks: "falselySent", fault: "status 200, HTML" },
  "a code of stats used twice": { breaks: "falselySent" },
  "a settled message forgotten": { breaks: "doubled" },
};

/** What a bug changes; nothing without one. */
export const planted = (bug, journal) => (bug === undefined ? {} : bugs[bug](journal));

/** The lines of a journal with another word where something was sent. */
async function* changed(journal, word) {
  const checked = (body) => `${crc32(body).toString(16).padStart(8, "0")} ${body}`;
  for await (const line of journal.read()) {
    const body = line.slice(9);
    // One that was torn stays so.
    yield line === checked(body) ? checked(body.replace(/"sent [^"]*"/g, word)) : line;
  }
}

const answer = (data) => new Response(JSON.stringify({ code: "00", message: "", description: "", data }));

function nothingFound({ body }) {
  const { receiver_address } = JSON.parse(body).sms_sent.filters;
  return { valid_number: receiver_address.map(({ value }) => ({ [value.slice(1)]: [] })) };
}

function allSent({ body }) {
  const { sms } = JSON.parse(body).send_sms_request;
  return { sms: sms.map(({ to, text }) => ({ code: `PAGE ${to}`, receiver_address: to, text })) };
}
