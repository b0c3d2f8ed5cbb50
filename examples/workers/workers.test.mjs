// Signs in, reads and signs out, over HTTP, with the program in Cloudflare's own runtime.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { Agent, request as send } from "node:http";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

const directory = import.meta.dirname;
const workers = [];
after(() => workers.forEach((worker) => worker.kill()));

const newKey = () => randomBytes(32).toString("base64url");

/** Starts the program with these keys; resolves to its port. */
function start(keys) {
  const worker = spawn(`${directory}/node_modules/workerd/bin/workerd`, ["serve", "--control-fd=3", "workerd.capnp"], {
    cwd: directory,
    env: { ...process.env, SESSION_KEYS: keys },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  workers.push(worker);
  return new Promise((resolve, reject) => {
    let heard = "";
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new Error(`workerd ended: ${status}`)));
    worker.stdio[3].on("data", (text) => {
      heard += text;
      const line = heard.split("\n").find((line) => line.includes('"listen"') && line.endsWith("}"));
      if (line) resolve(JSON.parse(line).port);
    });
  });
}

/** A request on a connection that is kept; headers as they came. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
after(() => agent.destroy());
function ask(port, method, path, cookie) {
  return new Promise((resolve, reject) => {
    const headers = cookie ? { cookie } : {};
    const request = send({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    request.once("error", reject).end();
  });
}

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

test("what it costs", async () => {
  const code = readFileSync(`${directory}/target/edge/program.wasm`);
  console.log(`size: ${Math.round(code.length / 1024)} KiB, gzip ${Math.round(gzipSync(code).length / 1024)} KiB`);
  const { pair } = await signIn();
  const requests = { "has no session": ["GET", "/"], "reads one": ["GET", "/me", pair], "starts one": ["POST", "/login"] };
  const times = Object.fromEntries(Object.keys(requests).map((name) => [name, []]));
  // Each in turn, so that what else the machine does falls on all of them; the first rounds warm it up.
  for (let round = 0; round < 1500; round++) {
    for (const [name, request] of Object.entries(requests)) {
      const began = process.hrtime.bigint();
      await ask(port, ...request);
      if (round >= 500) times[name].push(Number(process.hrtime.bigint() - began) / 1000);
    }
  }
  for (const [name, all] of Object.entries(times)) {
    all.sort((one, other) => one - other);
    console.log(`a request that ${name}: ${Math.round(all[all.length / 2])} us, the quickest tenth ${Math.round(all[all.length / 10])} us`);
  }
});
