// Signs in, reads and signs out, over HTTP, with the program in Cloudflare's own runtime.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { ask, start as startIn } from "./workerd.mjs";

const directory = import.meta.dirname;

/** Starts the program with these keys, until the tests are over; resolves to its port. */
async function start(keys) {
  const { port, stop } = await startIn(directory, keys);
  after(stop);
  return port;
}

const newKey = () => randomBytes(32).toString("base64url");

const key = newKey();
const port = await start(key);

async function signIn() {
  const { status, headers } = await ask(port, "POST", "/login");
  assert.equal(status, 303);
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["set-cookie"].length, 1);
  const [pair, ...attributes] = headers["set-cookie"][0].split("; ");
  assert.match(pair, /^__Host-Http-login=[\w-]{100,}$/);
  return { pair, attributes };
}

test("signs in, reads, and signs out", async () => {
  const { pair, attributes } = await signIn();
  for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=86400"]) {
    assert.ok(attributes.includes(attribute), `${attributes} has ${attribute}`);
  }
  const me = await ask(port, "GET", "/me", pair);
  assert.deepEqual([me.status, me.body], [200, "user 7"]);
  assert.equal(me.headers["set-cookie"], undefined);
  assert.equal(me.headers["cache-control"], "private");

  const out = await ask(port, "POST", "/logout", pair);
  assert.equal(out.status, 303);
  assert.match(out.headers["set-cookie"][0], /^__Host-Http-login=;.* Max-Age=0/);
});

test("has the host's clock: the cookie's two deadlines agree", async () => {
  const { attributes } = await signIn();
  const expires = attributes.find((attribute) => attribute.startsWith("Expires=")).slice("Expires=".length);
  const left = (Date.parse(expires) - Date.now()) / 1000;
  assert.ok(Math.abs(left - 86400) < 30, `${left} seconds`);
});

test("has the host's randomness: no two tokens are alike", async () => {
  const tokens = new Set();
  for (let count = 0; count < 20; count++) tokens.add((await signIn()).pair.slice(0, 60));
  assert.equal(tokens.size, 20);
});

test("refuses a request without a session, and one whose token was changed", async () => {
  const { pair } = await signIn();
  const last = pair.length - 10;
  const changed = pair.slice(0, last) + (pair[last] === "A" ? "B" : "A") + pair.slice(last + 1);
  for (const cookie of [undefined, changed, pair.replace("-login", "-other"), "__Host-Http-login=AbCd"]) {
    const { status, headers } = await ask(port, "GET", "/me", cookie);
    assert.deepEqual([status, headers["set-cookie"]], [401, undefined], `${cookie}`);
  }
});

test("refuses another key's token, and re-seals a token of a key that is being replaced", async () => {
  const { pair } = await signIn();
  const other = newKey();
  assert.equal((await ask(await start(other), "GET", "/me", pair)).status, 401);
  const me = await ask(await start(`${other},${key}`), "GET", "/me", pair);
  assert.deepEqual([me.status, me.headers["set-cookie"].length], [200, 1]);
});

test("answers 500 with keys that cannot be used, and says nothing of them", async () => {
  const { status, body } = await ask(await start("too-short"), "GET", "/me");
  assert.deepEqual([status, body.includes("short")], [500, false]);
});

test("is no more than a tenth larger than docs/edge.md says", () => {
  const code = readFileSync(`${directory}/target/edge/program.wasm`);
  const sizes = [code, gzipSync(code)].map(({ length }) => Math.round(length / 1024));
  const row = readFileSync(`${directory}/../../docs/edge.md`, "utf8").match(/^\| the program \| (\d+) \| (\d+) \|$/m);
  assert.ok(row, "docs/edge.md has no row of the program");
  const said = row.slice(1).map(Number);
  console.log(`size: ${sizes[0]} KiB, gzip ${sizes[1]} KiB; docs/edge.md says ${said[0]} and ${said[1]}`);
  sizes.forEach((size, column) => assert.ok(size <= said[column] * 1.1, `${size} KiB, and ${said[column]} are said`));
});
