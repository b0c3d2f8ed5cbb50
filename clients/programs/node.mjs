// Node's fetch, with the jar of tough-cookie, kept in a file. The authority is in NODE_EXTRA_CA_CERTS.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [modules, jarFile] = process.argv.slice(2);
const { CookieJar } = createRequire(modules)("tough-cookie");
const jar = existsSync(jarFile) ? CookieJar.deserializeSync(readFileSync(jarFile, "utf8")) : new CookieJar();

for await (const line of createInterface({ input: process.stdin })) {
    const [, method, url, body] = line.match(/^(\S+) (\S+) (.*)$/);
    const cookie = await jar.getCookieString(url);
    const headers = { ...(cookie && { cookie }), ...(body && { "content-type": "application/x-www-form-urlencoded" }) };
    const response = await fetch(url, { method, headers, body: body || undefined, redirect: "manual" });
    for (const set of response.headers.getSetCookie()) await jar.setCookie(set, url);
    writeFileSync(jarFile, JSON.stringify(jar.serializeSync()));
    console.log(response.status, await response.text());
}
