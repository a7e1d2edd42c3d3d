// `millrace place` as a person calls it: what it prints, what it refuses, and the report it writes.
import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { planFile } from "#bin/place-input.ts";
import { boxes, zipfCatalogue } from "#place/sample.ts";
import { millraceIn, type Outcome, writtenIn } from "#test/fixtures/command.ts";
import { opsPlacementExplain } from "#wire/ops-placement.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-place-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function place(...words: string[]): Outcome {
  return millraceIn(folder, ["place", ...words]);
}

function written(name: string, content: unknown): string {
  return writtenIn(folder, name, content);
}

const servers = [
  ...boxes("flash", 2, 18, 100),
  ...boxes("middle", 2, 100, 90),
  ...boxes("storage", 2, 200, 40),
];
const files = zipfCatalogue({ count: 400, exponent: 0.9, totalBytes: 600e12, seed: 7 });
const input = written("input.json", { servers, files });

function widest(text: string): number {
  return Math.max(...text.split("\n").map((line) => line.length));
}

test("[PL145] a plan in words fits 100 columns, and says what a planner looks for", () => {
  const { status, out, err } = place("plan", input, "--copies", "1");
  assert.deepEqual([status, err], [0, ""]);
  assert.ok(widest(out) <= 130, "only sentences may be longer");
  const table = out.split("\n\n").slice(0, 2).join("\n");
  assert.ok(widest(table) <= 100, `${widest(table)} columns`);
  for (const { id } of servers) assert.match(out, new RegExp(`^${id} .* %`, "m"));
  for (const name of ["head", "popular", "tail", "hole"])
    assert.match(out, new RegExp(`^${name} +\\d+ `, "m"));
  for (const fact of [
    /D\* 0\.\d+/,
    /λ +[\d.]+:/,
    /of all throughput until/,
    /^holes +[\d.]+ % of traffic/m,
  ]) {
    assert.match(out, fact);
  }
});

test("[PL142] place explain prints the draw, and as JSON what the operator page gets", () => {
  const { status, out, err } = place("explain", input, "--file", "file-200", "--copies", "1");
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /^file-200: (popular|tail), on /);
  const rows = [...out.matchAll(/^ +\d+ +(\S+) +([\d.]+) +([\d.]+) +([\d.]+)(?: |$)/gm)];
  assert.ok(rows.length >= 2, out);
  for (const [, , u, weight, key] of rows) {
    const byHand = -Math.log(1 - Number(u)) / Number(weight);
    assert.ok(Math.abs(byHand - Number(key)) < 1e-3 * byHand, `${byHand} is not ${key}`);
  }
  const json = place("explain", input, "--file", "file-200", "--copies", "1", "--json");
  const found = opsPlacementExplain.strict().parse(JSON.parse(json.out));
  assert.equal(found.drawn?.rows.length, servers.length);
});

test("[PL144] place explain --server says what a box holds and why so much", () => {
  const { status, out, err } = place("explain", input, "--server", "flash1", "--copies", "1");
  assert.deepEqual([status, err], [0, ""]);
  assert.match(
    out,
    /^flash1: fast\nIt has 2\.8 % of the storage and 21\.7 % of the throughput, so it weighs most at depths 0\.000/,
  );
  assert.match(out, /^densest +file-0, /m);
  assert.match(out, /^least dense +file-\d+, /m);
  const missing = place("explain", input, "--server", "nobody");
  assert.deepEqual([missing.status, missing.out], [1, ""]);
  assert.match(missing.err, /no server nobody/);
});

test("[PL147] what is wrong with the input is named, and costs no report that is there", async () => {
  const [first] = files;
  const whole = JSON.stringify({ servers, files });
  const cases: [unknown, RegExp][] = [
    ["", /is not JSON.*empty/],
    [whole.slice(0, whole.length / 2), /is not JSON.*ends too early/],
    [whole.slice(0, -1), /is not JSON.*ends too early/],
    ["[]", /does not fit: .*expected object/],
    ["null", /does not fit/],
    [{ servers, files: {} }, /files: .*expected array/],
    [{ servers, files: [{ ...first, sizeBytes: "12" }] }, /files\.0\.sizeBytes: .*expected number/],
    [{ servers, files: [{ ...first, playsPerDay: -0.1 }] }, /files\.0\.playsPerDay/],
    [
      `{"servers":${JSON.stringify(servers)},"files":[{"id":"a","titleId":"a","sizeBytes":1e999,"playsPerDay":1}]}`,
      /files\.0\.sizeBytes/,
    ],
    [{ servers: [{ ...servers[0], throughputBps: -1 }], files }, /servers\.0\.throughputBps/],
    [{ servers, files: [first, first] }, /file file-0 is listed twice/],
    [{ servers: [], files }, /servers/],
    [
      `{"servers":${JSON.stringify(servers)},"files":[{"id":"__proto__"}]}`,
      /files\.0\.id: no file can be called so/,
    ],
    [{ servers, files, previous: { cutoff: "no" } }, /previous\.cutoff.*previous\.assignment/],
    [{ servers, files, previous: { cutoff: 0, assignment: { a: "flash1" } } }, /previous\.assignment\.a/],
  ];
  for (const [content, words] of cases) {
    await assert.rejects(planFile(written("bad.json", content), undefined), words, String(words));
  }
  await assert.rejects(planFile(join(folder, "absent.json"), undefined), /absent\.json cannot be read/);
  const report = written("kept.html", "what was there");
  const bad = written("bad.json", whole.slice(0, -1));
  const { status, out, err } = place("plan", bad, "--json", "--report", report);
  assert.deepEqual([status, out], [1, ""]);
  assert.match(err, /ends too early/);
  assert.equal(readFileSync(report, "utf8"), "what was there");
});

test("[PL147] a file that is too large is refused before it is read", async () => {
  const huge = written("huge.json", "{");
  truncateSync(huge, 300_000_000);
  const words = /has 300000000 bytes; files of more than 200000000 are not read/;
  await assert.rejects(planFile(huge, undefined), words);
});

test("[PL147] a key that nobody reads is told, and the plan is made", () => {
  const { status, err } = place("plan", written("typo.json", { servers, files, previos: {} }), "--json");
  assert.equal(status, 0);
  assert.match(err, /typo\.json: previos not read/);
});

test("[PL147] any id that JSON can hold is kept, and reads back as `previous`", () => {
  const ids = ["constructor", "toString", "</script><b>", "a\nb", "ü/é", " ", '"', "1e9"];
  const odd = ids.map((id, i) => ({ id, titleId: id, sizeBytes: 1e12, playsPerDay: 10 / (i + 1) }));
  const document = `{"servers":${JSON.stringify(servers)},"files":${JSON.stringify(odd)}}`;
  const first = place("plan", written("odd.json", document), "--json");
  assert.equal(first.status, 0, first.err);
  const again = `${document.slice(0, -1)},"previous":${first.out}}`;
  const second = place("plan", written("odd-again.json", again), "--json");
  assert.equal(second.status, 0, second.err);
  assert.equal(JSON.parse(second.out).predicted.churnBytes, 0);
  const page = join(folder, "odd.html");
  assert.equal(place("plan", written("odd.json", document), "--report", page).status, 0);
  assert.doesNotMatch(readFileSync(page, "utf8"), /<script|<b>/);
});

test("[PL51] no sign of an id steers the terminal, or breaks a line of what is printed", () => {
  const id = "\u001b[31mred\u0007\nline\u202e";
  const odd = [{ id, titleId: id, sizeBytes: 1e12, playsPerDay: 10 }];
  const path = written("steering.json", { servers: servers.slice(0, 1), files: odd });
  const twice = written("twice.json", { servers, files: [...odd, ...odd] });
  const outcomes = [
    place("explain", path, "--file", id),
    place("explain", path, "--server", "flash1"),
    place("plan", twice),
  ];
  for (const { out, err } of outcomes) {
    assert.match(`${out}${err}`, /\ufffd\[31mred\ufffd/);
    assert.doesNotMatch(`${out}${err}`.replaceAll("\n", ""), /[\p{Cc}\u202e]/u);
  }
  assert.match(outcomes[0]?.out ?? "", /red\ufffd\ufffdline\ufffd: head, on flash1/);
});

test("[PL52] a report that cannot be written is said in words, and nothing else is printed", () => {
  const file = written("in-the-way", "");
  const { status, out, err } = place("plan", input, "--report", join(file, "r.html"));
  assert.deepEqual([status, out], [1, ""]);
  assert.match(err, /^The report cannot be written: .*in-the-way/);
  assert.doesNotMatch(err, /\n +at /);
});

test("[PL150] a history is read in the order of its names; one that cannot be read is named", () => {
  const days = join(folder, "days");
  mkdirSync(days);
  const refused = place("plan", input, "--report", join(folder, "r"), "--history", days);
  assert.deepEqual([refused.status, refused.out], [1, ""]);
  assert.match(refused.err, /days holds no earlier plans/);
  for (const [day, bytes] of [
    ["2026-11-02", 3e12],
    ["2026-11-01", 5e12],
  ] as const) {
    writeFileSync(join(days, `${day}.json`), JSON.stringify({ predicted: { churnBytes: bytes } }));
  }
  const out = join(folder, "r");
  const made = place("plan", input, "--report", out, "--history", days);
  assert.equal(made.status, 0, made.err);
  const page = readFileSync(join(out, "report.html"), "utf8");
  const bars = [...page.matchAll(/<title>(2026-11-0\d|this plan): ([^<]+)<\/title>/g)].map(([, day]) => day);
  assert.deepEqual(bars.slice(0, 3), ["2026-11-01", "2026-11-02", "this plan"]);
  assert.equal(
    Object.keys(JSON.parse(readFileSync(join(out, "plan.json"), "utf8")).assignment).length,
    files.length,
  );
  writeFileSync(join(days, "2026-11-03.json"), "{");
  const broken = place("plan", input, "--report", join(folder, "r2"), "--history", days);
  assert.equal(broken.status, 1);
  assert.match(broken.err, /2026-11-03\.json is not JSON/);
  assert.equal(existsSync(join(folder, "r2")), false);
});
