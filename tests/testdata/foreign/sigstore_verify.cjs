// Verifies a `.sigstore.json` with @sigstore/verify: sigstore_verify.cjs BUNDLE KEY.pem WASM
// Prints the signed payload and exits 0; 10: the signature is refused, 11: another payload type, 12: other bytes.
"use strict";
const { createHash, createPublicKey } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { bundleFromJSON } = require("@sigstore/bundle");
const { VerificationError, Verifier, toSignedEntity, toTrustMaterial } = require("@sigstore/verify");

const [bundleFile, keyFile, wasmFile] = process.argv.slice(2);
const bundle = bundleFromJSON(JSON.parse(readFileSync(bundleFile, "utf8")));
const root = { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] };
const publicKey = createPublicKey(readFileSync(keyFile));
const trust = toTrustMaterial(root, () => ({ publicKey, validFor: () => true }));
// A key of one's own: no log, no certificate, no time stamp.
const verifier = new Verifier(trust, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 });
try {
  verifier.verify(toSignedEntity(bundle));
} catch (error) {
  if (error instanceof VerificationError && error.code === "SIGNATURE_ERROR") {
    console.error(error.message);
    process.exit(10);
  }
  throw error;
}
const { payload, payloadType } = bundle.content.dsseEnvelope;
if (payloadType !== "application/vnd.in-toto+json") process.exit(11);
const digest = createHash("sha256").update(readFileSync(wasmFile)).digest("hex");
if (JSON.parse(payload).subject[0].digest.sha256 !== digest) process.exit(12);
process.stdout.write(payload);
