// jose over the golden JWTs: it reads ours, and mints the same token to the octet.

import { readdirSync, readFileSync } from "node:fs";
import { compactVerify, CompactSign } from "jose";

const folder = new URL("../vectors/golden/", import.meta.url);
let passed = 0;
for (const name of readdirSync(folder).filter((name) => name.startsWith("jwt-"))) {
  const lines = readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n");
  const test = Object.fromEntries(lines.map((line) => line.split(/: ?(.*)/s)));
  if (test.expect !== "ok") continue;

  const [header, claims] = test.token.split(".").map((part) => Buffer.from(part, "base64url"));
  const protectedHeader = JSON.parse(header);
  const secrets = test.keys.split(", ").map((key) => Buffer.from(key.split(" ")[1], "base64url"));
  const minted = [];
  for (const secret of secrets) {
    const verified = await compactVerify(test.token, secret).catch(() => null);
    if (!verified) continue;
    const value = JSON.parse(Buffer.from(verified.payload).toString()).val;
    if (JSON.stringify(value) !== JSON.stringify(JSON.parse(test.value))) throw new Error(name);
    minted.push(await new CompactSign(claims).setProtectedHeader(protectedHeader).sign(secret));
  }
  if (minted.length !== 1 || minted[0] !== test.token) throw new Error(name);
  passed += 1;
}
console.log(`${passed} passed, 0 failed`);
process.exit(passed ? 0 : 1);
