// The part of race-libpdf that runs on Node: node race-libpdf.mjs FOLDER, where
// FOLDER holds pades.txt ("size milliseconds" on each line), B-B-<size>.pdf, a key
// and its certificate.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CryptoKeySigner, PDF } from "@libpdf/core";

const folder = process.argv[2];
const read = (name) => new Uint8Array(readFileSync(join(folder, name)));
const key = await crypto.subtle.importKey("pkcs8", read("key.der"), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const signer = new CryptoKeySigner(key, read("certificate.der"), "EC", "ECDSA");

async function approve(file) {
	const pdf = await PDF.load(file);
	const { bytes } = await pdf.sign({ signer });
	if (bytes.length <= file.length) throw new Error("nothing was appended");
	return bytes;
}

async function median(file, runs) {
	const times = [];
	for (let i = 0; i < runs; i++) {
		const start = performance.now();
		await approve(file);
		times.push(performance.now() - start);
	}
	return times.sort((a, b) => a - b)[runs >> 1];
}

console.log("size     pades ms   libpdf ms   ratio");
for (const line of readFileSync(join(folder, "pades.txt"), "utf8").trim().split("\n")) {
	const [size, ours] = line.split(" ");
	const file = read(`B-B-${size}.pdf`);
	writeFileSync(join(folder, `libpdf-${size}.pdf`), await approve(file)); // and warm
	const theirs = await median(file, 9);
	console.log(`${size.padEnd(6)} ${Number(ours).toFixed(2).padStart(10)} ${theirs.toFixed(2).padStart(11)} ${(theirs / ours).toFixed(0).padStart(7)}`);
}
