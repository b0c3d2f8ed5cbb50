// Measures what `benches/edge` has built into a folder, and prints the tables of docs/edge.md.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { ask, start } from "../../examples/workers/workerd.mjs";

const folder = process.argv[2];

/** The median of what each takes, in microseconds. All take turns, so that what else the machine does falls
 * on all of them, in an order by chance, so that none always follows the same; the rounds below zero warm them up. */
async function medians(works, rounds) {
  const times = works.map(() => []);
  for (let round = -rounds; round < rounds; round++) {
    for (const index of shuffled(works.length)) {
      const began = process.hrtime.bigint();
      await works[index]();
      if (round >= 0) times[index].push(Number(process.hrtime.bigint() - began) / 1000);
    }
  }
  return times.map(median);
}

const median = (all) => all.sort((one, other) => one - other)[Math.floor(all.length / 2)];

const shuffled = (length) =>
  Array.from({ length }, (_, index) => ({ index, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ index }) => index);

/** Two columns to a row. */
const pairs = (all) => Array.from({ length: all.length / 2 }, (_, row) => all.slice(2 * row, 2 * row + 2));

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`.replace(/^\| {2}/, "| ");
  console.log([line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n") + "\n");
}

function sizes() {
  const kib = (name) => {
    const code = readFileSync(`${folder}/${name}/target/edge/program.wasm`);
    return [code, gzipSync(code)].map(({ length }) => Math.round(length / 1024));
  };
  const [program, plain] = [kib("workers-z"), kib("plain-z")];
  table(["", "KiB", "gzip"], [
    ["the program", ...program],
    ["the same routes without sessions", ...plain],
    ["so sessions cost", ...program.map((size, column) => size - plain[column])],
    ["the program with `opt-level = 3` and `wasm-opt -O3`", ...kib("workers-3")],
  ]);
}

async function codec(level) {
  const { initSync, Text } = await import(`${folder}/codec-${level}/program.js`);
  initSync({ module: readFileSync(`${folder}/codec-${level}/program.wasm`) });
  return Text;
}

async function codecs() {
  const levels = [await codec("z"), await codec("3")];
  const times = 200;
  const titles = [];
  const works = [];
  for (const verb of ["opened", "sealed"]) {
    for (const octets of [20, 1000]) {
      titles.push(`${verb}, ${octets.toLocaleString("en")} octets`);
      for (const Text of levels) {
        const text = new Text(octets);
        works.push(() => text[verb](times));
      }
    }
  }
  const cells = pairs(await medians(works, 200)).map((row) => row.map((median) => Math.round(median / times)));
  table(
    ["a session in one request, microseconds", '`opt-level = "z"`', "`opt-level = 3`"],
    titles.map((title, row) => [title, ...cells[row]]),
  );
}

async function requests() {
  const titles = ["none: `/`", "read: `/me`", "started: `/login`"];
  // A process keeps the pace that it began with, so there are several.
  const turns = [];
  for (let turn = 0; turn < 15; turn++) turns.push(await turnOfRequests());
  const cells = (row) => [0, 1].map((column) => Math.round(median(turns.map((turn) => turn[row][column]))));
  table(
    ["a session in one request over HTTP, microseconds", "without sessions", "with"],
    titles.map((title, row) => [title, ...cells(row)]),
  );
}

/** What each request takes without sessions and with them, in processes that have just begun. */
async function turnOfRequests() {
  const keys = randomBytes(32).toString("base64url");
  const workers = [await start(`${folder}/plain-z`, keys), await start(`${folder}/workers-z`, keys)];
  try {
    const { headers } = await ask(workers[1].port, "POST", "/login");
    const cookie = headers["set-cookie"][0].split(";")[0];
    const requests = [["GET", "/"], ["GET", "/me", cookie], ["POST", "/login"]];
    const works = requests.flatMap((request) =>
      workers.map(({ port }) => async () => {
        const { status } = await ask(port, ...request);
        if (status >= 400) throw new Error(`${request}: ${status}`);
      }),
    );
    return pairs(await medians(works, 300));
  } finally {
    workers.forEach(({ stop }) => stop());
  }
}

sizes();
await codecs();
await requests();
