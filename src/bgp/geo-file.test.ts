import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { type CityResponse, Reader } from "mmdb-lib";
import { type MmdbNetwork, type MmdbShape, mmdb } from "#test/fixtures/mmdb.ts";
import { Fault } from "#units/fault.ts";
import { readAddress } from "./address.ts";
import { type GeoTable, geoTableOf, placeOfAddress } from "./geo-table.ts";
import { importMmdb, readGeoFile } from "./io/geo-file.ts";
import { mmdbRows } from "./io/mmdb.ts";

const v4 = { ipVersion: 4, recordSize: 24 } as const;

function record(latitude: number, longitude: number, radius?: number): MmdbNetwork["record"] {
  const accuracy = radius === undefined ? {} : { accuracy_radius: radius };
  return { city: { names: { en: "Somewhere" } }, location: { latitude, longitude, ...accuracy } };
}

function place(table: GeoTable, text: string): ReturnType<typeof placeOfAddress> {
  const reading = readAddress(text);
  if (reading.kind === "refused") assert.fail(reading.because);
  return placeOfAddress(table, reading.address);
}

async function inFolder(use: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-geo-"));
  try {
    await use((name) => join(folder, name));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const networks: readonly MmdbNetwork[] = [
  { value: 0xcb007100n, length: 25, record: record(53.48, -2.25, 20) },
  { value: 0xcb007180n, length: 25, record: record(53.48, -2.25, 20) },
  { value: 0xc6336400n, length: 24, record: record(0, 0, 1000) },
  { value: 0xc0000200n, length: 24, record: { country: { iso_code: "GB" } } },
  { value: 0x0a000000n, length: 8, record: record(-33.9, 151.2) },
];

test("[BG83] a database becomes our table, halves joined, null islands and blanks unknown", async () => {
  await inFolder(async (path) => {
    await writeFile(path("city.mmdb"), mmdb(v4, networks));
    assert.deepEqual(await importMmdb(path("city.mmdb"), path("geo.csv")), { rows: 2, unknown: 2 });
    assert.equal(
      await readFile(path("geo.csv"), "utf8"),
      "# millrace-geo 1\n10.0.0.0/8,-33.9,151.2,\n203.0.113.0/24,53.48,-2.25,20\n",
    );
    const table = await readGeoFile(path("geo.csv"));
    assert.deepEqual(place(table, "203.0.113.200"), { latitude: 53.48, longitude: -2.25, radiusKm: 20 });
    assert.equal(place(table, "198.51.100.1"), undefined);
    assert.equal(place(table, "192.0.2.1"), undefined);
  });
});

test("[BG83] every record size and family answers as the database's own reader does", () => {
  const anyNetworks = fc
    .uniqueArray(fc.tuple(fc.nat(255), fc.integer({ min: 9, max: 24 }), fc.nat(3)), {
      selector: ([top]) => top,
      minLength: 1,
      maxLength: 20,
    })
    .map((rows) => rows.map(([top, length, where]) => ({ top: BigInt(top), length, where })));
  const shapes = [24, 28, 32].flatMap((recordSize) => [4, 6].map((ipVersion) => ({ recordSize, ipVersion })));
  fc.assert(
    fc.property(anyNetworks, fc.constantFrom(...shapes), (rows, shape) => {
      const isV4 = shape.ipVersion === 4;
      const given = rows.map(({ top, length, where }) => ({
        value: isV4 ? top << 24n : (0x24n << 120n) | (top << 112n),
        length: isV4 ? length : length + 8,
        record: record(10.5 + where, -20.5, where === 0 ? undefined : where),
      }));
      const bytes = mmdb({ ipVersion: isV4 ? 4 : 6, recordSize: sizeOf(shape.recordSize) }, given);
      const table = geoTableOf(mmdbRows(bytes));
      const reader = new Reader<CityResponse>(bytes);
      for (const { top } of rows) {
        for (const low of ["0", "1", "80", "ff"]) {
          const text = isV4
            ? `${top}.${Number.parseInt(low, 16)}.0.1`
            : `24${top.toString(16).padStart(2, "0")}:${low}00::1`;
          assert.equal(place(table, text)?.latitude, reader.get(text)?.location?.latitude, text);
        }
      }
    }),
    { seed: 83 },
  );
});

function sizeOf(bits: number): MmdbShape["recordSize"] {
  return bits === 24 ? 24 : bits === 28 ? 28 : 32;
}

test("[BG83] copies of the IPv4 part inside IPv6 are left out", () => {
  const shape = { ipVersion: 6, recordSize: 28 } as const;
  const rows = [
    ...mmdbRows(
      mmdb(shape, [
        { value: 0xcb007100n, length: 120, record: record(1, 1) },
        { value: (0xffffn << 32n) | 0xcb007100n, length: 120, record: record(1, 1) },
        { value: (0x2002n << 112n) | (0xcb007100n << 80n), length: 40, record: record(1, 1) },
        { value: 0x20010db8n << 96n, length: 32, record: record(2, 2) },
      ]),
    ),
  ];
  assert.deepEqual(
    rows.map(({ prefix }) => [prefix.family, prefix.length]),
    [
      [4, 24],
      [6, 32],
    ],
  );
});

test("[BG84] a database that breaks off is refused, and the table that was there stays", async () => {
  await inFolder(async (path) => {
    const whole = mmdb(v4, networks);
    await writeFile(path("geo.csv"), "kept");
    for (const bytes of [
      whole.subarray(0, 100),
      Buffer.alloc(0),
      Buffer.from("no database"),
      withoutData(whole),
    ]) {
      await writeFile(path("bad.mmdb"), bytes);
      await assert.rejects(
        importMmdb(path("bad.mmdb"), path("geo.csv")),
        (error) => error instanceof Fault && error.code === "geo-database-refused",
      );
    }
    assert.equal(await readFile(path("geo.csv"), "utf8"), "kept");
    assert.deepEqual((await readdir(path("."))).sort(), ["bad.mmdb", "geo.csv"]);
  });
});

/** Its data cut out: the tree points behind the end of what is there. */
function withoutData(whole: Buffer): Buffer {
  const about = whole.indexOf("\xab\xcd\xefMaxMind.com", "latin1");
  const tree = whole.indexOf(Buffer.alloc(16));
  return Buffer.concat([whole.subarray(0, tree + 16), whole.subarray(about)]);
}

test("[BG84] a tree that leads back into itself is refused", () => {
  const bytes = mmdb(v4, networks);
  // The root's both sides are the root.
  bytes.fill(0, 0, 6);
  assert.throws(() => [...mmdbRows(bytes)], /leads back into itself/);
});

test("[BG84] altered bytes give rows or an error, in bounded time", () => {
  const whole = mmdb(v4, networks);
  let refused = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (edits) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of edits) bytes[at] = value;
        try {
          for (const row of mmdbRows(bytes)) {
            const { latitude = 0, longitude = 0 } = row.place ?? {};
            assert.ok(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180);
          }
        } catch (error) {
          assert.ok(error instanceof Error && error.name !== "AssertionError", String(error));
          refused++;
        }
      },
    ),
    { seed: 84, numRuns: 300 },
  );
  assert.ok(refused > 30, `only ${refused} databases were refused`);
});

test("[BG82] a table with a line that does not fit is refused with the line", async () => {
  await inFolder(async (path) => {
    await writeFile(path("geo.csv"), "# millrace-geo 1\n203.0.113.0/24,1,1,\n203.0.113.0/24,100,1,\n");
    await assert.rejects(
      readGeoFile(path("geo.csv")),
      /line 3: 203\.0\.113\.0\/24: latitude 100 is not within/,
    );
    await writeFile(path("geo.csv"), "203.0.113.0/24,1,1,\n");
    await assert.rejects(readGeoFile(path("geo.csv")), /the first line is not "# millrace-geo 1"/);
    await writeFile(path("geo.csv"), "");
    await assert.rejects(readGeoFile(path("geo.csv")), /it is empty/);
    await assert.rejects(readGeoFile(path("none.csv")), /cannot be read/);
  });
});

test("[BG80] the example network's table says where its viewers are", async () => {
  const table = await readGeoFile("demo/geo.csv");
  assert.equal(table.rows, 7);
  assert.equal(place(table, "203.0.113.10")?.latitude, 53.8008);
  assert.equal(place(table, "2001:db8:b::1")?.radiusKm, 40);
  assert.equal(place(table, "192.0.2.200"), undefined);
});
