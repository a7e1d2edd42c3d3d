import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readMovie } from "./movie.ts";
import { readTraces } from "./traces.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-traces-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function complaint(reading: Promise<unknown>): Promise<string> {
  const error: unknown = await reading.then(
    () => assert.fail("it was read"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error && error.name === "Fault", String(error));
  return error.message.replaceAll(`${folder}/`, "");
}

const periods = [
  { duration_ms: 5000, bandwidth_kbps: 900, latency_ms: 80 },
  { duration_ms: 2500, bandwidth_kbps: 0, latency_ms: 80 },
];

test("[PY44] periods, named lines and lines of text read to the same trace", async () => {
  const list = await readTraces(written("list.json", periods));
  const lines = await readTraces(
    written("lines.ndjson", `${JSON.stringify({ name: "one", trace: periods })}\n\n`),
  );
  const text = await readTraces(written("text.txt", "0.0 7\n5.0\t0.9\r\n7.5 0\n"));
  for (const { traces } of [list, lines, text]) {
    assert.deepEqual(
      traces.map(({ durationMs, kbps, latencyMs }) => [[...durationMs], [...kbps], [...latencyMs]]),
      [
        [
          [5000, 2500],
          [900, 0],
          [80, 80],
        ],
      ],
    );
  }
  assert.deepEqual(
    [list, lines, text].map(({ traces }) => traces[0]?.name),
    ["list", "one", "text"],
  );
});

test("[PY44] a folder is read by name, and what it holds besides is counted", async () => {
  const path = join(folder, "many");
  mkdirSync(path);
  for (const name of ["b.json", "a.json"]) written(`many/${name}`, periods);
  written("many/notes.md", "notes");
  const { traces, leftOut } = await readTraces(path);
  assert.deepEqual(
    traces.map(({ name }) => name),
    ["a", "b"],
  );
  assert.equal(leftOut, 1);
});

test("[PY44] a broken trace is told with its line or period, and the field", async () => {
  const told = (name: string, content: unknown): Promise<string> =>
    complaint(readTraces(written(name, content)));
  assert.match(await told("half.json", "[{"), /^half\.json is not a trace: it is not JSON: /);
  assert.match(
    await told("shape.json", [periods[0], { duration_ms: 1, latency_ms: "3" }]),
    /1\.bandwidth_kbps: .*; 1\.latency_ms: /,
  );
  assert.match(await told("empty.json", []), /^empty\.json is not a trace: \(top\): /);
  assert.match(
    await told("silent.json", [{ duration_ms: 9, bandwidth_kbps: 0, latency_ms: 0 }]),
    /bandwidth is 0 throughout/,
  );
  assert.match(
    await told("second.ndjson", `${JSON.stringify({ name: "one", trace: periods })}\n{"name":"two"}\n`),
    /^second\.ndjson is not a trace: line 2, trace: /,
  );
  assert.match(await told("nothing.ndjson", "\n"), /it has no lines/);
  assert.match(await told("back.txt", "1 2\n1 3\n"), /line 2, field 1: wanted seconds after 1, found "1"/);
  assert.match(
    await told("word.txt", "1 2\n2 fast\n"),
    /line 2, field 2: wanted Mbit\/s of 0 or more, found "fast"/,
  );
  assert.match(await told("three.txt", "1 2 3\n"), /line 1, wanted two fields .*, found 3: "1 2 3"/);
  assert.match(await told("none.txt", "\n"), /it has no periods/);
  assert.match(await complaint(readTraces(join(folder, "absent"))), /absent cannot be read: ENOENT/);
  mkdirSync(join(folder, "bare"));
  assert.match(await complaint(readTraces(join(folder, "bare"))), /holds no traces: .* found nothing\.$/);
});

const table = {
  segment_duration_ms: 2000,
  bitrates_kbps: [200, 400],
  segment_sizes_bits: [
    [300_000, 700_000],
    [500_000, 900_000],
  ],
};

const packaged = {
  version: 1,
  titleId: "film",
  metric: { name: "vmaf", model: "m" },
  durationsMs: [2000, 1500],
  renditions: [
    { id: "hi", width: 640, height: 360, bitrateBps: 800_000, bytes: [200_000, 150_000], quality: [90, 91] },
    { id: "lo", width: 320, height: 180, bitrateBps: 200_000, bytes: [50_000, 40_000], quality: [60, 61] },
    {
      id: "av1",
      codec: "av1",
      width: 640,
      height: 360,
      bitrateBps: 500_000,
      bytes: [100_000, 90_000],
      quality: [92, 93],
    },
  ],
};

test("[PY45] a film is read from a table of sizes and from a package's sidecar", async () => {
  const plain = await readMovie(written("movie.json", table));
  assert.deepEqual(plain.film.ladder.kbps, [200, 400]);
  assert.deepEqual(plain.film.segments.durationMs, [2000, 2000]);
  assert.equal(plain.film.segments.vmaf, undefined);
  mkdirSync(join(folder, "package"));
  written("package/sidecar.json", packaged);
  for (const path of [join(folder, "package"), join(folder, "package/sidecar.json")]) {
    const { film, codec, name } = await readMovie(path);
    assert.deepEqual(film.ladder.ids, ["lo", "hi"]);
    assert.deepEqual(film.segments.bits, [
      [400_000, 1_600_000],
      [320_000, 1_200_000],
    ]);
    assert.deepEqual(film.segments.vmaf, [
      [60, 90],
      [61, 91],
    ]);
    assert.deepEqual([name, codec], ["film", "h264"]);
  }
});

test("[PY45] a film scored with another metric has no VMAF", async () => {
  const { film } = await readMovie(
    written("ssim.json", { ...packaged, metric: { name: "ssim", model: "m" } }),
  );
  assert.equal(film.segments.vmaf, undefined);
});

test("[PY45] a broken film is told with the field", async () => {
  const told = (content: unknown): Promise<string> => complaint(readMovie(written("broken.json", content)));
  assert.match(await told({}), /^broken\.json is not a film: wanted either segment_duration_ms/);
  assert.match(await told("{"), /it is not JSON/);
  assert.match(
    await told({ ...table, bitrates_kbps: [200, 200] }),
    /bitrates_kbps\.1: wanted more than 200, found 200/,
  );
  assert.match(
    await told({ ...table, segment_sizes_bits: [[1, 2], [3]] }),
    /segment_sizes_bits\.1: wanted 2 sizes, one per bitrate, found 1/,
  );
  assert.match(await told({ ...table, segment_sizes_bits: [[1, 0]] }), /segment_sizes_bits\.0\.1: /);
  assert.match(await told({ ...table, segment_duration_ms: -1 }), /segment_duration_ms: /);
  assert.match(await told({ ...packaged, renditions: [] }), /renditions: wanted at least one/);
  const short = packaged.renditions.map((one) => ({ ...one, bytes: [1] }));
  assert.match(
    await told({ ...packaged, renditions: short }),
    /renditions\.0\.bytes: wanted 2 sizes, one per segment, found 1/,
  );
  assert.match(await told({ ...packaged, durationsMs: [2000, 0] }), /durationsMs\.1: wanted more than 0/);
});
