// `millrace place` and `millrace steer` as a person calls them: exit status, standard output, words for what is wrong.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { millraceIn, type Outcome, writtenIn } from "#test/fixtures/command.ts";
import { mmdb } from "#test/fixtures/mmdb.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-commands-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function millrace(...words: string[]): Outcome {
  return millraceIn(folder, [...words]);
}

function written(name: string, content: unknown): string {
  return writtenIn(folder, name, content);
}

const order = {
  servers: [
    { id: "flash", siteId: "a", storageBytes: 20e6, throughputBps: 100e6 },
    { id: "storage", siteId: "x", storageBytes: 90e6, throughputBps: 40e6 },
  ],
  files: Array.from({ length: 12 }, (_, i) => ({
    id: `film/v${i}`,
    titleId: "film",
    sizeBytes: 6e6,
    playsPerDay: 100 / (i + 1),
  })),
};

function explain(ip: string, ...more: string[]): { id: string; rule: string }[] {
  const words = [
    "steer",
    "explain",
    "--routes",
    "demo/routes.json",
    "--sites",
    "demo/sites.json",
    "--ip",
    ip,
  ];
  const { status, out, err } = millrace(...words, ...more, "--json");
  assert.equal(status, 0, err);
  return JSON.parse(out).ranked;
}

test("[PL12] place plan prints one document, and its own output as `previous` moves nothing", () => {
  const first = millrace("place", "plan", written("first.json", order), "--json");
  assert.equal(first.status, 0, first.err);
  const made = JSON.parse(first.out);
  assert.deepEqual(
    made.weights.map((weight: { serverId: string }) => weight.serverId),
    ["flash", "storage"],
  );
  assert.equal(Object.keys(made.assignment).length, 12);
  assert.ok(made.predicted.churnBytes > 0);
  const second = millrace("place", "plan", written("second.json", { ...order, previous: made }), "--json");
  const again = JSON.parse(second.out);
  assert.equal(again.predicted.churnBytes, 0);
  assert.deepEqual(again.assignment, made.assignment);
});

test("[PL19] place explain says why one file lies where it lies", () => {
  const path = written("explain.json", order);
  const { status, out, err } = millrace("place", "explain", path, "--file", "film/v0");
  assert.equal(status, 0, err);
  assert.match(out, /^film\/v0: \w+, on .*\n.*\d.*\.\n\nrank /);
  const missing = millrace("place", "explain", path, "--file", "film/none");
  assert.deepEqual([missing.status, missing.out], [1, ""]);
  assert.match(missing.err, /no file film\/none/);
});

const played = {
  firstDay: "2026-11-01",
  regions: [{ id: "north" }],
  titles: ["film", "series"].map((id, at) => ({
    id,
    plays: { north: Array.from({ length: 22 }, () => 100 * (at + 1)) },
    files: [{ id: `${id}/v720`, sizeBytes: 6e6, share: 0.5 }],
  })),
};

test("[PL96] place predict prints demand that place plan reads, and how wrong it was of the last day", () => {
  const predicted = millrace("place", "predict", written("played.json", played), "--json");
  assert.equal(predicted.status, 0, predicted.err);
  const { day, files } = JSON.parse(predicted.out);
  assert.equal(day, "2026-11-23");
  assert.deepEqual(
    files.map((file: { id: string; playsPerDay: number }) => [file.id, Math.round(file.playsPerDay)]),
    [
      ["film/v720", 50],
      ["series/v720", 100],
    ],
  );
  const plan = millrace("place", "plan", written("demanded.json", { ...order, files }), "--json");
  assert.equal(Object.keys(JSON.parse(plan.out).assignment).length, 2, plan.err);
  const { out, err } = millrace("place", "predict", written("played.json", played), "--check");
  assert.match(out, /^2026-11-22, north$/m, err);
  assert.match(out, /^all +2 files, 150 plays expected, 150 counted; WAPE 0\.\d %/m);
});

test("[PL96] a history that cannot be used is refused in words", () => {
  const [film] = played.titles;
  const cases: [unknown, string[], RegExp][] = [
    ["[", [], /is not JSON/],
    [{ ...played, firstDay: "2026-02-30" }, [], /there is no 2026-02-30/],
    [{ ...played, titles: [film, film] }, [], /title film is listed twice/],
    [{ ...played, titles: [{ ...film, plays: { south: [1] } }] }, [], /region south, which is not listed/],
    [{ ...played, titles: [{ ...film, plays: { north: ["many"] } }] }, [], /titles\.0\.plays\.north\.0/],
    [{ ...played, titles: [{ ...film, plays: {} }] }, [], /no title has counts/],
    [played, ["--day", "2026-11-23", "--check"], /cannot be checked.*2026-11-01 to 2026-11-22/],
    [played, ["--regions", "west"], /no region "west"/],
  ];
  for (const [content, words, complaint] of cases) {
    const { status, out, err } = millrace("place", "predict", written("bad.json", content), ...words);
    assert.deepEqual([status, out], [1, ""]);
    assert.match(err, complaint);
  }
});

test("[PL1] what is wrong with a file is named by field, with status 1 and an empty standard output", () => {
  const cases: [unknown, RegExp][] = [
    ["{ nonsense", /is not JSON/],
    [{ ...order, files: [{ ...order.files[0], sizeBytes: -1 }] }, /files\.0\.sizeBytes/],
    [{ ...order, servers: [order.servers[0], order.servers[0]] }, /server flash is listed twice/],
    [{ files: [] }, /servers/],
  ];
  for (const [content, words] of cases) {
    const { status, out, err } = millrace("place", "plan", written("bad.json", content), "--json");
    assert.deepEqual([status, out], [1, ""]);
    assert.match(err, words);
  }
});

test("[ST9] wrong usage has status 2 and shows the right one", () => {
  const cases = [
    ["place", "plan"],
    ["place", "plan", "a.json", "--copies", "none"],
    ["place", "plan", "a.json", "--jsn"],
    [],
    ["place"],
    ["steer"],
    ["abr"],
    ["plcae"],
    ["place", "paln"],
    ["place", "predict", "a.json", "--day", "tomorrow"],
    ["place", "predict", "a.json", "--capacity", "0"],
    ["--json"],
    ["encode"],
    ["encode", "film.mp4"],
    ["encode", "film.mp4", "other.mp4", "--out", "o"],
    ["encode", "film.mp4", "--out", "o", "--hieghts", "240"],
    ["encode", "film.mp4", "--out", "o", "--heights", "240,many"],
    ["start", "--pot", "1"],
    ["start", "--port", "high"],
    ["control"],
    ["control", "--sites", "s", "--routes", "r", "--origin", "http://o", "--listen", "here"],
    ["appliance", "--id", "a"],
    ["doctor", "--jsno"],
    ["steer", "explain", "--routes", "r", "--sites", "s"],
    ["steer", "explain", "--client", "10.0.0.1", "--control", "http://c"],
    ["steer", "geo", "import", "city.mmdb"],
    ["steer", "geo", "find", "north", "--table", "t"],
    ["steer", "explain", "--routes", "r", "--sites", "s", "--ip", "10.0.0.256"],
    ["steer", "explain", "--routes", "r", "--sites", "s", "--ip", "10.0.0.1", "--at", "north"],
  ];
  for (const words of cases) {
    const { status, out, err } = millrace(...words);
    assert.deepEqual([status, out], [2, ""], words.join(" "));
    assert.match(err, /usage:? millrace/i, words.join(" "));
    assert.equal(err, stripVTControlCharacters(err), "no colours into a file");
  }
});

test("[BG83] steer geo import makes a table that steer geo find and steer explain read", () => {
  const where = { location: { latitude: 40.5, longitude: -3.5, accuracy_radius: 20 } };
  const path = written("city.mmdb", "");
  writeFileSync(
    path,
    mmdb({ ipVersion: 4, recordSize: 28 }, [{ value: 0xcb007100n, length: 24, record: where }]),
  );
  const table = `${path}.csv`;
  const made = millrace("steer", "geo", "import", path, "--out", table, "--json");
  assert.deepEqual(JSON.parse(made.out), { out: table, rows: 1, unknown: 0 }, made.err);
  const found = millrace("steer", "geo", "find", "203.0.113.77", "--table", table);
  assert.equal(found.out, "40.5, -3.5, within 20 km\n");
  const nowhere = millrace("steer", "geo", "find", "192.0.2.1", "--table", table);
  assert.equal(nowhere.out, "not known\n");
  const words = ["--routes", "demo/routes.json", "--sites", "demo/sites.json", "--geo", table];
  const text = millrace("steer", "explain", "--client", "203.0.113.77", ...words);
  assert.match(text.out, /^place {2}40\.5000, -3\.5000, within 20 km, by the table of places$/m, text.err);
  writeFileSync(path, "no database");
  const bad = millrace("steer", "geo", "import", path, "--out", table);
  assert.deepEqual([bad.status, bad.out], [1, ""]);
  assert.match(bad.err, /is not a whole MaxMind database/);
});

test("[ST9] help is an answer: status 0, on standard output, with the name as it is typed", () => {
  const cases: [string, ...string[]][] = [
    ["millrace", "--help"],
    ["millrace place", "place", "--help"],
    ["millrace place plan", "place", "plan", "-h"],
    ["millrace encode", "encode", "--help"],
    ["millrace start", "start", "--once", "--help"],
  ];
  for (const [name, ...words] of cases) {
    const { status, out, err } = millrace(...words);
    assert.deepEqual([status, err], [0, ""], words.join(" "));
    assert.match(out, new RegExp(`USAGE ${name} `));
  }
});

test("[ST16] in the example network every rule decides somewhere", () => {
  const top = (ip: string, ...more: string[]): string => {
    const [first] = explain(ip, ...more);
    return `${first?.id} ${first?.rule}`;
  };
  assert.equal(top("203.0.113.10"), "flash-a1 as-path");
  assert.equal(top("198.51.100.10"), "flash-b1 longest-prefix");
  assert.equal(top("203.0.113.200"), "flash-a1 med");
  assert.equal(top("198.51.100.200", "--at", "55.95,-3.19"), "flash-b1 distance");
  assert.equal(top("2001:db8:a::1"), "flash-a1 longest-prefix");
  const elsewhere = explain("192.0.2.10").map((entry) => entry.id);
  assert.deepEqual([...elsewhere.slice(0, 2).sort(), elsewhere[2]], ["storage-x1", "storage-x2", "origin"]);
});

test("[BG8] a prefix that cannot be read is named by its place in the file", () => {
  const routes = written("routes.json", {
    routes: [{ siteId: "isp-a", prefix: "203.0.113.0", asPath: [64496] }],
  });
  const { status, err } = millrace(
    ...["steer", "explain", "--routes", routes, "--sites", "demo/sites.json", "--ip", "203.0.113.1"],
  );
  assert.equal(status, 1);
  assert.match(err, /routes\.0\.prefix: site isp-a: "203\.0\.113\.0" is not a prefix/);
});
