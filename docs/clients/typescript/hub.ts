// A client of Chancery's API. The types in schema.d.ts are made from the contract by
// `npm run generate`, so a route or a member that does not exist fails in the editor.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths, webhooks } from "./schema.js";

export type Envelope = components["schemas"]["Envelope"];
export type Document = components["schemas"]["Document"];
export type Problem = components["schemas"]["Problem"];

/** The body of each event, by its type: Events["recipient.signed"]. */
export type Events = {
  [Type in keyof webhooks]: webhooks[Type] extends { post: { requestBody: { content: { "application/json": infer Body } } } } ? Body : never;
};

/** A refusal (RFC 9457). code is stable: compare it, and show the message to people. */
export class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly request: string | undefined) {
    super(message);
  }
}

const tries = 4; // of a call
const longest = 120; // seconds that Retry-After may ask a call to wait; beyond, it fails at once

/** Each POST has one Idempotency-Key, so that a second try is no second envelope. */
const once: Middleware = {
  onRequest({ request }) {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", crypto.randomUUID());
    }
    return request;
  },
};

/** Refusals are thrown. */
const strict: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const told = (await response.json().catch(() => ({}))) as Partial<Problem>;
    throw new Refused(response.status, told.code ?? "", told.detail ?? `The hub answered with status ${response.status}.`, told.instance);
  },
};

/** Tries again what the hub could not do now: too many calls, or a fault of its own. */
async function persistent(request: Request): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === tries;
    const response = await fetch(request.clone()).catch((fault: unknown) => {
      if (last || request.signal.aborted) throw fault;
      return undefined;
    });
    const asked = Number(response?.headers.get("Retry-After") ?? 0);
    const passing = !response || response.status === 429 || response.status >= 500 || (response.status === 409 && (await inProgress(response)));
    if (response && (!passing || last || asked > longest)) return response;
    await new Promise((resume) => setTimeout(resume, Math.max(asked * 1000, 500 * 2 ** (attempt - 1))));
  }
}

async function inProgress(response: Response): Promise<boolean> {
  const told = (await response.clone().json().catch(() => ({}))) as Partial<Problem>;
  return told.code === "idempotency_in_progress";
}

export type Hub = Client<paths>;

/** open speaks for one API key. */
export function open(address: string, key: string): Hub {
  const hub = createClient<paths>({ baseUrl: address, headers: { Authorization: `Bearer ${key}` }, fetch: persistent });
  hub.use(once, strict);
  return hub;
}

/** upload brings a PDF. The contract calls a file's bytes a string, as JSON Schema has no word for them. */
export async function upload(hub: Hub, name: string, pdf: Blob): Promise<Document> {
  const { data } = await hub.POST("/v1/documents", {
    body: { file: name },
    bodySerializer: () => {
      const form = new FormData();
      form.set("file", pdf, name);
      return form;
    },
  });
  return data!;
}

/** envelopes goes through them, newest first, and asks for a page when it is needed. */
export async function* envelopes(hub: Hub, filter: { status?: Envelope["status"]; tag?: string } = {}): AsyncGenerator<Envelope> {
  for (let cursor: string | undefined; ; ) {
    const { data } = await hub.GET("/v1/envelopes", { params: { query: { ...filter, ...(cursor && { cursor }) } } });
    yield* data!.envelopes;
    if (!(cursor = data!.next)) return;
  }
}
