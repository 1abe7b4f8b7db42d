import { answer } from "../../answer.js";

export const runtime = "edge";

export const POST = (request) => answer(request);
