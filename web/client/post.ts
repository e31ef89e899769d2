// Posts to the page's own server.

export class Refusal extends Error {
  constructor(message: string, readonly location = "") {
    super(message)
  }
}

// post sends JSON, or bytes as they are. A connection that breaks is tried again:
// every act has its id, so that a repeat is the same act.
export async function post(address: string, body: object | Blob): Promise<Record<string, unknown>> {
  const raw = body instanceof Blob
  for (let attempt = 1; ; attempt++) {
    let reply: Response
    try {
      reply = await fetch(address, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": raw ? body.type : "application/json" },
        body: raw ? body : JSON.stringify(body),
      })
    } catch {
      if (attempt === 3) throw new Refusal("There is no connection. Please try again.")
      await new Promise((rested) => setTimeout(rested, attempt * 700))
      continue
    }
    const answer = await reply.json().catch(() => ({}))
    if (reply.ok) return answer
    throw new Refusal(answer.detail ?? "Something went wrong. Please try again.", answer.errors?.[0]?.location)
  }
}
