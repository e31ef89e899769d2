// Sends a document, sees why it waits, changes its mind. HUB and KEY say where and as
// whom; the argument is a PDF.
import { readFile } from "node:fs/promises";
import { envelopes, open, Refused, upload, type Events } from "./hub.js";

const hub = open(process.env["HUB"] ?? "http://127.0.0.1:8080", process.env["KEY"] ?? "");
const pdf = new Blob([await readFile(process.argv[2] ?? "agreement.pdf")], { type: "application/pdf" });
const document = await upload(hub, "agreement.pdf", pdf);

const { data: sent } = await hub.POST("/v1/envelopes", {
  body: {
    title: "Rental agreement",
    documents: [document.id],
    send: true,
    recipients: [{ ref: "tenant", name: "Ada Lovelace", email: "ada@example.com" }],
    fields: [{ recipient: "tenant", page: 1, kind: "signature", x: 60, y: 640, width: 200, height: 60 }],
  },
});
console.log(`${sent!.id} is ${sent!.status}. ${sent!.outlook.why}`);

for await (const e of envelopes(hub, { status: "sent" })) console.log(`under way: ${e.id}`);

const { data: ended } = await hub.POST("/v1/envelopes/{id}/void", {
  params: { path: { id: sent!.id } },
  body: { reason: "The flat is gone." },
});
console.log(`${ended!.id} is ${ended!.status}.`);

try {
  await hub.POST("/v1/envelopes/{id}/send", { params: { path: { id: sent!.id } } });
} catch (refusal) {
  if (!(refusal instanceof Refused)) throw refusal;
  console.log(`refused: ${refusal.code}`);
}

/** Events are typed, too. */
export const signedBy = (event: Events["recipient.signed"]): string => event.data.recipient.name;
