// The scenes of clients_test.go, played by the public clients of npm: node clients.mjs
// with the org in the environment. Each scene prints one line: its name and what was
// seen, as JSON.
import { createSign } from "node:crypto";
import jsforce from "jsforce";
import PubSubApiClient from "salesforce-pubsub-api-client";

const org = JSON.parse(process.env.ORG);
const login = org.url;
const say = (scene, seen) => console.log(JSON.stringify({ scene, seen }));
const b64 = (text) => Buffer.from(text).toString("base64url");

function assertion() {
	const text = `${b64('{"alg":"RS256"}')}.${b64(JSON.stringify({ iss: org.client, sub: org.username, aud: login, exp: Math.floor(Date.now() / 1000) + 180 }))}`;
	return `${text}.${createSign("RSA-SHA256").update(text).sign(org.key).toString("base64url")}`;
}

// plain drops what is only jsforce's way to show records.
function plain(value) {
	if (Array.isArray(value)) return value.map(plain);
	if (value && typeof value === "object") {
		if (Array.isArray(value.records)) return plain(value.records);
		return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "attributes").map(([name, inside]) => [name, plain(inside)]));
	}
	return value;
}

async function failing(promise) {
	try {
		await promise;
	} catch (error) {
		return error.errorCode ?? error.name;
	}
	return "none";
}

const grant = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" };
const conn = new jsforce.Connection({
	loginUrl: login,
	version: "64.0",
	callOptions: { client: "scenes" },
	refreshFn: (c, done) => c.authorize({ ...grant, assertion: assertion() }).then(() => done(null, c.accessToken), done),
});
const composite = (allOrNone, ...steps) => conn.request({ method: "POST", url: "/composite", headers: { "content-type": "application/json" }, body: JSON.stringify({ allOrNone, compositeRequest: steps }) });
const step = (referenceId, object, body) => ({ method: "POST", url: `/services/data/v64.0/sobjects/${object}`, referenceId, body });

const who = await conn.authorize({ ...grant, assertion: assertion() });
say("sign in", who.organizationId);

const account = await conn.sobject("Account").create({ Name: "Café & Co", BillingCity: "Lyon", AnnualRevenue: 12.5 });
const contact = await conn.sobject("Contact").create({ LastName: "O'Hara", AccountId: account.id, Email: "o@example.com" });
say("create", [account.id, contact.id]);
const many = await conn.sobject("Product2").create([{ Name: "A" }, {}, { Name: "C" }]);
say("create many", many.map((m) => m.errors.map((e) => e.statusCode)));
const halted = await conn.sobject("Product2").create([{ Name: "A" }, {}], { allOrNone: true });
say("all or none", halted.map((m) => m.errors.map((e) => e.statusCode)));
const opportunity = { Name: "Scene", StageName: "Prospecting", CloseDate: "2026-12-01", AccountId: account.id };
const first = await conn.sobject("Opportunity").upsert({ External_Id__c: "scene-1", ...opportunity }, "External_Id__c");
const second = await conn.sobject("Opportunity").upsert({ External_Id__c: "scene-1", StageName: "Proposal" }, "External_Id__c");
say("upsert", [first.created, second.created, first.id, second.id]);
const written = await conn.sobject("Opportunity").update({ Id: first.id, Amount: 99.9, Signed_By__c: `Ann "A" O'Neill \\ 日本`, Description: null });
say("write", written.success);
say("read", plain(await conn.query(org.reading)));
say("quotes", plain(await conn.query(`SELECT Name FROM Contact WHERE LastName = 'O\\'Hara' AND (Email LIKE 'o@%' OR Email = null)`)));
say("pages", (await conn.query("SELECT Id FROM Agreement__c ORDER BY Name", { autoFetch: true, maxFetch: 10000 })).records.length);
const file = await conn.sobject("ContentVersion").create(
	{ Title: "Scene.pdf", PathOnClient: "Scene.pdf", FirstPublishLocationId: first.id, VersionData: Buffer.from("%PDF scene").toString("base64") },
	{ multipartFileFields: { VersionData: { contentType: "application/octet-stream", filename: "Scene.pdf" } } },
);
say("file", [file.id, plain(await conn.query(`SELECT Title, Checksum, ContentSize, ContentDocument.Title FROM ContentVersion WHERE Id = '${file.id}'`))]);
const together = await composite(true, step("a", "Account", { Name: "Together" }), step("c", "Contact", { LastName: "Too", AccountId: "@{a.id}" }));
say("together", together.compositeResponse.map((r) => r.httpStatusCode));
const undone = await composite(true, step("a", "Account", { Name: "Never" }), step("c", "Contact", { AccountId: "@{a.id}" }));
say("undone", undone.compositeResponse.map((r) => r.body[0].errorCode));
say("missing field", await failing(conn.sobject("Account").create({})));
say("unknown field", await failing(conn.query("SELECT Nobody__c FROM Account")));
say("malformed", await failing(conn.query("SELECT Id FROM")));
say("gone", await failing(conn.sobject("Account").destroy("001Kz0000000zzzAAA")));
await fetch(org.hand, { method: "POST" }); // the token ends
say("token ended", plain(await conn.query("SELECT Name FROM Account WHERE Name = 'Together'")));
const shape = await conn.sobject("Opportunity").describe();
say("describe", shape.fields.map((f) => f.name));
say("types", (await conn.describeGlobal()).sobjects.filter((o) => o.queryable).map((o) => o.name));
await conn.sobject("Contact").update({ Id: org.contact, FirstName: "Anna", Email: null });
await conn.sobject("Account").update({ Id: account.id, BillingCity: "Paris" });
await conn.sobject("Contact").destroy(contact.id);
say("limit", conn.limitInfo.apiUsage.limit);

// The web server flow with PKCE, and its refresh token.
const oauth2 = new jsforce.OAuth2({ loginUrl: login, clientId: org.client, clientSecret: org.secret, redirectUri: "https://hub.example.com/callback", useVerifier: true });
const consent = await fetch(oauth2.getAuthorizationUrl({ state: "s" }), { redirect: "manual" });
const back = new URL(consent.headers.get("location"));
const granted = await oauth2.requestToken(back.searchParams.get("code"));
const refreshed = await oauth2.refreshToken(granted.refresh_token);
say("consent", [back.searchParams.get("state"), refreshed.access_token !== granted.access_token]);

// What was told of all this.
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
async function subscriber(how) {
	const events = new PubSubApiClient({ loginUrl: login, clientId: org.client, pubSubEndpoint: org.events, rejectUnauthorizedSsl: false, ...how }, quiet);
	await events.connect();
	return events;
}
function collect(events, topic, most, from) {
	return new Promise((resolve, reject) => {
		const seen = [];
		const hear = (_info, kind, data) => {
			if (kind === "error") reject(data);
			if (kind === "event") seen.push(data);
			if (kind === "lastEvent") resolve(seen);
		};
		if (from) events.subscribeFromReplayId(topic, hear, most, from);
		else events.subscribeFromEarliestEvent(topic, hear, most);
	});
}
const change = (e) => {
	const h = e.payload.ChangeEventHeader;
	return { record: h.recordIds[0], change: h.changeType, origin: h.changeOrigin, sequence: h.sequenceNumber, fields: [...h.changedFields].sort() };
};
const events = await subscriber({ authType: "oauth-jwt-bearer", username: org.username, privateKey: org.key });
for (const [object, most] of org.expect) say(`changes of ${object}`, (await collect(events, `/data/${object}ChangeEvent`, most)).map(change));
const other = await subscriber({ authType: "oauth-client-credentials", clientSecret: org.secret });
const all = await collect(other, "/data/ChangeEvents", 3);
const later = await subscriber({ authType: "oauth-client-credentials", clientSecret: org.secret });
say("from a place", (await collect(later, "/data/ChangeEvents", 2, all[0].replayId)).every((e, i) => e.id === all[i + 1].id));
const published = await events.publish("/event/Envelope_Status__e", { CreatedDate: 1700000000000, CreatedById: org.user, Envelope__c: { string: "env_1" }, Status__c: { string: "completed" }, Opportunity__c: null });
await conn.sobject("Envelope_Status__e").create({ Envelope__c: "env_2", Status__c: "sent" });
say("events", [published.replayId > 0, (await collect(events, "/event/Envelope_Status__e", 2)).map((e) => [e.payload.Envelope__c, e.payload.Status__c])]);
for (const e of [events, other, later]) e.close();
process.exit(0); // close leaves streams open, which keep node waiting
