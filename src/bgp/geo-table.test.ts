import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { prefixOf, readAddress } from "./address.ts";
import {
  type GeoPlace,
  type GeoRow,
  geoTableOf,
  placeOfAddress,
  readGeoRow,
  writeGeoRow,
} from "./geo-table.ts";

function rowsOf(text: string): GeoRow[] {
  return text.split("\n").flatMap((line) => {
    const reading = readGeoRow(line);
    if (reading.kind === "refused") assert.fail(reading.because);
    return reading.kind === "row" ? [reading.row] : [];
  });
}

function whereIs(rows: readonly GeoRow[], text: string): GeoPlace | undefined {
  const reading = readAddress(text);
  if (reading.kind === "refused") assert.fail(reading.because);
  return placeOfAddress(geoTableOf(rows), reading.address);
}

const rows = rowsOf(`# millrace-geo 1
203.0.113.0/24,53.48,-2.2451,25

203.0.113.128/25,55.86,-4.25,
203.0.113.192/26,,,
2001:db8::/32,51.5,0,5`);

test("[BG80] the longest prefix says where an address is", () => {
  assert.deepEqual(whereIs(rows, "203.0.113.5"), { latitude: 53.48, longitude: -2.2451, radiusKm: 25 });
  assert.deepEqual(whereIs(rows, "203.0.113.130"), {
    latitude: 55.86,
    longitude: -4.25,
    radiusKm: undefined,
  });
  assert.deepEqual(whereIs(rows, "2001:db8::7"), { latitude: 51.5, longitude: 0, radiusKm: 5 });
  assert.deepEqual(whereIs(rows, "::ffff:203.0.113.5"), whereIs(rows, "203.0.113.5"));
});

test("[BG81] unknown stays unknown", () => {
  assert.equal(whereIs(rows, "203.0.113.200"), undefined);
  assert.equal(whereIs(rows, "192.0.2.1"), undefined);
  assert.equal(whereIs(rows, "2001:db9::"), undefined);
  assert.equal(whereIs(rowsOf("192.0.2.0/24,0,0,\n198.51.100.0/24,0.0,-0,10"), "192.0.2.1"), undefined);
  assert.deepEqual(whereIs(rowsOf("192.0.2.0/24,0,1,"), "192.0.2.1"), {
    latitude: 0,
    longitude: 1,
    radiusKm: undefined,
  });
});

test("[BG82] what does not fit is refused in words", () => {
  const because = (line: string): string => {
    const reading = readGeoRow(line);
    return reading.kind === "refused" ? reading.because : reading.kind;
  };
  assert.equal(because("203.0.113.0/24,91,0,"), "203.0.113.0/24: latitude 91 is not within ±90");
  assert.equal(because("203.0.113.0/24,1,181,"), "203.0.113.0/24: longitude 181 is not within ±180");
  assert.equal(because("203.0.113.0/24,1,,"), "203.0.113.0/24: longitude NaN is not within ±180");
  assert.equal(because("203.0.113.0/24,1e1,1,"), "203.0.113.0/24: latitude NaN is not within ±90");
  assert.equal(
    because("203.0.113.0/24,1,1,-5"),
    "203.0.113.0/24: radius -5 is not a distance on earth in km",
  );
  assert.equal(because("203.0.113.0/24,1,1,1,1"), "203.0.113.0/24: more than four fields");
  assert.match(because("everywhere,1,1,"), /is not a prefix/);
});

test("[BG82] a row is written and read back as the same", () => {
  const anyRow = fc
    .record({
      value: fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
      length: fc.nat(32),
      known: fc.boolean(),
      latitude: fc.integer({ min: -900_000, max: 900_000 }),
      longitude: fc.integer({ min: -1_800_000, max: 1_800_000 }),
      radiusKm: fc.option(fc.nat(5000), { nil: undefined }),
    })
    .map(({ value, length, known, latitude, longitude, radiusKm }): GeoRow => {
      const place = { latitude: latitude / 1e4, longitude: longitude / 1e4, radiusKm };
      const nowhere = !known || (latitude === 0 && longitude === 0);
      return { prefix: prefixOf({ family: 4, value }, length), place: nowhere ? undefined : place };
    });
  fc.assert(
    fc.property(anyRow, (row) => {
      assert.deepEqual(readGeoRow(writeGeoRow(row)), { kind: "row", row });
    }),
    { seed: 82 },
  );
});
