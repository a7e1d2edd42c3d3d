// Real nginx, and bytes that no client library would send: whatever is sent, one request is one answer and one line of
// the log, and what reaches another server is ours alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { z } from "zod";
import { tally } from "#edge/access-log.ts";
import { missesIn } from "#edge/miss-list.ts";
import { openBox } from "./edge-box.ts";
import { type Conversation, converse } from "./edge-raw.ts";
import { k1, missing, publish, sha256, signed, until } from "./edge-rig.ts";
import {
  brokenChunkCases,
  type Case,
  chunkCases,
  headerCases,
  lengthCases,
  lineCases,
  logCases,
} from "./edge-smuggling-cases.ts";

interface Box {
  readonly listen: string;
  readonly films: readonly [string, string];
  readonly paths: readonly [string, string];
  readonly accessLog: string;
}

async function open(t: TestContext): Promise<Box> {
  const films: string[] = [];
  const { listen, nginx } = await openBox(t, {
    settings: { stopGraceMs: 500, headerTimeoutMs: 1000 },
    before: (folder) => {
      for (const title of ["t1", "t2"])
        films.push(...publish(folder, title, "v360", 1, 1000).files.map((file) => file.sha256));
    },
  });
  const [first = "", second = ""] = films;
  const paths = [signed(k1, "t1", "v360/0.m4s"), signed(k1, "t2", "v360/0.m4s")] as const;
  return { listen, films: [first, second], paths, accessLog: nginx.accessLog };
}

/** Each case comes from an address of its own, by which its lines in the log are found. */
function addressOf(i: number): string {
  return `127.77.${Math.floor(i / 200)}.${1 + (i % 200)}`;
}

function talk(box: Box, cases: readonly (readonly [string, Case])[]): Promise<readonly Conversation[]> {
  const talks = cases.map(([, { bytes, statuses }], i) =>
    converse(box.listen, bytes, { from: addressOf(i), answers: statuses.length }),
  );
  return Promise.all(talks);
}

const logLine = z.object({ client: z.string(), status: z.number(), bytes: z.number() });
type LogLine = z.infer<typeof logLine>;

/** Lines by the client's address, once there are so many: nginx keeps some back for a second. Strict: a byte that is no UTF-8 is an error. */
async function logOf(box: Box, count: number): Promise<ReadonlyMap<string, readonly LogLine[]>> {
  const read = (): Map<string, LogLine[]> => {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(box.accessLog));
    const lines = text.split("\n").slice(0, -1);
    return Map.groupBy(
      lines.map((line) => logLine.parse(JSON.parse(line))),
      ({ client }) => client,
    );
  };
  return until(`${count} lines in the log`, () => {
    const lines = read();
    return [...lines.values()].flat().length >= count && lines;
  });
}

const all = (a: string, b: string): Record<string, Case> => ({
  ...lengthCases(a, b),
  ...chunkCases(a, b),
  ...lineCases(a, b),
  ...headerCases(a, b),
});

test("[ED115] what could be read in two ways is read in one: no request is smuggled in another, none is taken for more", {
  skip: missing,
}, async (t) => {
  const box = await open(t);
  const cases = Object.entries(all(...box.paths));
  const talks = await talk(box, cases);
  const wrong = cases.flatMap(([name, { statuses }], i) => {
    const { answers = [], rest, closed } = talks[i] ?? {};
    const got = `${answers.map(({ status }) => status)}; ${rest?.length} bytes more, ${closed ? "closed" : "open"}`;
    return got === `${statuses}; 0 bytes more, closed` ? [] : [`${name}: ${statuses} wanted, ${got}`];
  });
  assert.deepEqual(wrong, []);
  for (const [i, [name]] of cases.entries()) {
    const films =
      talks[i]?.answers.filter(({ status }) => status === 200).map(({ body }) => sha256(body)) ?? [];
    assert.deepEqual(
      films,
      box.films.slice(0, films.length),
      `${name}: only films that were asked for, in that order`,
    );
  }
  t.diagnostic(`${cases.length} conversations`);
});

test("[ED115] behind a body that is broken nothing is a request", { skip: missing }, async (t) => {
  const box = await open(t);
  const cases = Object.entries(brokenChunkCases(...box.paths)).map(
    ([name, bytes]) => [name, { bytes, statuses: [200] }] as const,
  );
  const talks = await talk(box, cases);
  const lines = await logOf(box, cases.length);
  for (const [i, [name]] of cases.entries()) {
    const { answers = [], rest, closed } = talks[i] ?? {};
    assert.ok(closed && rest?.length === 0, name);
    assert.ok(
      answers.every(({ status, body }) => status === 400 || sha256(body) === box.films[0]),
      name,
    );
    assert.equal(answers.length, 1, name);
    assert.equal(lines.get(addressOf(i))?.length, 1, `${name}: one request in the log`);
  }
});

test("[ED118] each answer is one line of the log, which is JSON in UTF-8, short, and what the load and the misses are made of", {
  skip: missing,
}, async (t) => {
  const box = await open(t);
  const [a, b] = box.paths;
  const cases = Object.entries({ ...all(a, b), ...logCases(a) });
  const talks = await talk(box, cases);
  const lines = await logOf(box, talks.flatMap(({ answers }) => answers).length);
  let count = 0;
  for (const [i, [name]] of cases.entries()) {
    const mine = lines.get(addressOf(i)) ?? [];
    count += mine.length;
    const answers = talks[i]?.answers ?? [];
    assert.deepEqual(
      mine.map(({ status, bytes }) => [status, bytes]),
      answers.map(({ status, body, before }) => [status, body.length + before]),
      name,
    );
  }
  const text = readFileSync(box.accessLog, "latin1");
  assert.ok(text.split("\n").every((line) => line.length <= 3400));
  assert.equal(tally(text).requests, count, "none forged, none hidden");
  assert.deepEqual(
    missesIn(text).map(({ titleId, path }) => `${titleId}/${path}`),
    ["t1/v360/none.m4s"],
    "the one that was missed",
  );
});

test("[ED140] an answer has one part: thousands of ranges get the file, once", {
  skip: missing,
}, async (t) => {
  const box = await open(t);
  const [a] = box.paths;
  const many = Array.from({ length: 1900 }, (_, i) => `${i % 10}-`)
    .join(",")
    .slice(0, 7000);
  const wanted: Record<string, readonly [number, number]> = {
    [many]: [200, 1000],
    "0-,0-,0-,0-": [200, 1000],
    "0-0,2-2": [200, 1000],
    "0-0": [206, 1],
    "-5": [206, 5],
    "-99999": [206, 1000],
    "5-2": [416, 0],
    "1000-": [416, 0],
    "-0": [416, 0],
    "9223372036854775807-": [416, 0],
    "0-9223372036854775807": [206, 1000],
    "0-9223372036854775808": [416, 0],
    "99999999999999999999-1": [416, 0],
    "-9223372036854775808": [416, 0],
    "0x0-1": [416, 0],
    "--1": [416, 0],
  };
  for (const [range, [status, bytes]] of Object.entries(wanted)) {
    const request = `GET ${a} HTTP/1.1\r\nHost: edge\r\nRange: bytes=${range}\r\n\r\n`;
    const { answers, rest } = await converse(box.listen, request, { answers: 1 });
    const [answer] = answers;
    const got = [answers.length, rest.length, answer?.status];
    assert.deepEqual(got, [1, 0, status], range.slice(0, 40));
    if (bytes > 0) assert.equal(answer?.body.length, bytes, range.slice(0, 40));
    assert.doesNotMatch(answer?.head ?? "", /multipart/i);
  }
});
