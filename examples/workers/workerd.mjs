// A program in Cloudflare's own runtime, and requests to it.

import { spawn } from "node:child_process";
import { Agent, request as send } from "node:http";

const binary = `${import.meta.dirname}/node_modules/workerd/bin/workerd`;

/** Starts the program of the folder's workerd.capnp with these keys; resolves to its port and what stops it. */
export function start(folder, keys) {
  const worker = spawn(binary, ["serve", "--control-fd=3", "workerd.capnp"], {
    cwd: folder,
    env: { ...process.env, SESSION_KEYS: keys },
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let heard = "";
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new Error(`workerd ended: ${status}`)));
    worker.stdio[3].on("data", (text) => {
      heard += text;
      const line = heard.split("\n").find((line) => line.includes('"listen"') && line.endsWith("}"));
      if (line) resolve({ port: JSON.parse(line).port, stop: () => worker.kill() });
    });
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** A request on a connection that is kept; headers as they came. */
export function ask(port, method, path, cookie) {
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
