// The scenes of clients_test.go, played by the client that HubSpot publishes: node
// clients.mjs with the account in the environment. Each scene prints one line: its
// name and what was seen, as JSON.
import { Client, Signature } from "@hubspot/api-client";

const account = JSON.parse(process.env.ACCOUNT);
const say = (scene, seen) => console.log(JSON.stringify({ scene, seen }));
const ids = (page) => page.results.map((one) => one.id);

async function failing(promise) {
	try {
		await promise;
	} catch (error) {
		return [error.code, error.body.category];
	}
	return "none";
}

const hubspot = new Client({ basePath: account.url, numberOfApiCallRetries: 0, limiterOptions: { minTime: 0 } });
const given = await hubspot.oauth.tokensApi.create("refresh_token", undefined, undefined, account.client, account.secret, account.refresh);
hubspot.setAccessToken(given.accessToken);
const { objects, associations, properties } = hubspot.crm;

const deal = await objects.basicApi.getById("deals", account.deal, ["dealname", "amount", "signed_by"], undefined, ["line_items"]);
const lines = await objects.batchApi.read("line_items", { properties: ["name"], propertiesWithHistory: [], inputs: deal.associations["line items"].results.map(({ id }) => ({ id })) });
say("read", [deal.properties.dealname, deal.properties.amount, deal.properties.signed_by, lines.results.map((l) => l.properties.name).sort()]);

const own = [];
for (const type of [account.own, account.ownName]) {
	const linked = await associations.v4.basicApi.getPage("deals", account.deal, type, undefined, 500);
	const agreements = await objects.batchApi.read(type, { properties: ["title"], propertiesWithHistory: [], inputs: linked.results.map(({ toObjectId }) => ({ id: String(toObjectId) })) });
	own.push(agreements.results.map((one) => [one.id, one.properties.title]).sort());
}
say("own type", own);
say("own type by its name alone", await failing(associations.v4.basicApi.getPage("deals", account.deal, "agreements", undefined, 500)));

const written = await objects.basicApi.update("deals", account.deal, { properties: { signed_by: account.text, amount: "99.9", description: "" } });
const again = await objects.basicApi.getById("deals", account.deal, ["signed_by"]);
say("write", [again.properties.signed_by, again.updatedAt.getTime() === written.updatedAt.getTime()]);

const stamp = "hs_lastmodifieddate";
const ask = { filterGroups: [{ filters: [{ propertyName: stamp, operator: "GTE", value: "0" }] }], sorts: [{ propertyName: stamp, direction: "ASCENDING" }], properties: [stamp], limit: 100 };
const first = await objects.searchApi.doSearch("products", ask);
const second = await objects.searchApi.doSearch("products", { ...ask, after: first.paging.next.after });
say("search", [ids(first), ids(second), second.paging === undefined]);

const fields = await properties.coreApi.getAll("deals");
say("properties", fields.results.map((p) => [p.name, !p.modificationMetadata.readOnlyValue, p.options.map((o) => o.value)]));

const labels = await associations.v4.schema.definitionsApi.getAll("notes", "deals");
const plain = labels.results.find((l) => l.label == null);
const file = await hubspot.files.filesApi.upload({ data: Buffer.from("%PDF scene"), name: "Scene.pdf" }, undefined, "/chancery", "Scene.pdf", undefined, account.options);
await objects.basicApi.create("notes", {
	properties: { hs_note_body: "Scene.pdf (k)", hs_attachment_ids: file.id, hs_timestamp: String(Date.now()) },
	associations: [{ to: { id: account.deal }, types: [{ associationCategory: plain.category, associationTypeId: plain.typeId }] }],
});
const notes = await associations.v4.basicApi.getPage("deals", account.deal, "notes", undefined, 500);
say("file", [file.id, notes.results.length]);

say("gone", await failing(objects.basicApi.getById("deals", "99")));
say("unknown property", await failing(objects.basicApi.update("deals", account.deal, { properties: { nobody: "x" } })));
say("read only", await failing(objects.basicApi.update("deals", account.deal, { properties: { hs_is_closed: "true" } })));
hubspot.setAccessToken("oauth-of-last-year");
say("token ended", await failing(hubspot.crm.objects.basicApi.getById("deals", account.deal)));
say("signature", Signature.getSignature("POST", "v3", { clientSecret: account.secret, url: account.hook, requestBody: account.body, timestamp: account.timestamp }));
