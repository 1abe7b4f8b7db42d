import * as crm from "paydunya-crm";
import * as sandbox from "paydunya-crm/sandbox";
import { runAll, sendShared } from "./suite/conformance.mjs";

/** Runs the suite, or what one of its tests wants to happen in a request of its own. */
export async function answer(request) {
  const { suite, shared } = await request.json();
  if (shared) return Response.json(await sendShared({ crm }, shared));
  const inRequest = async (argument) => {
    const init = { method: "POST", body: JSON.stringify({ shared: argument }) };
    return (await fetch(request.url, init)).json();
  };
  return Response.json(await runAll({ crm, sandbox, inRequest, ...suite }));
}
