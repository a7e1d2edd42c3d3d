import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  bitsOf,
  covers,
  type IpAddress,
  type IpPrefix,
  prefixOf,
  writeAddress,
  writePrefix,
} from "./address.ts";
import { find4, find6 } from "./lpm.ts";
import { buildLpm4, buildLpm6 } from "./lpm-build.ts";
import { emptyRun, LogBook, merged, type RouteRun, wordOf } from "./route-run.ts";

function runOf(family: 4 | 6, prefixes: readonly IpPrefix[]): RouteRun {
  const book = new LogBook(family);
  for (const prefix of prefixes) book.append(prefix, 0, { asPathLength: 1, med: 0, neighbourAs: 1 });
  return merged(emptyRun(family), book.read());
}

/** The table's answer as the prefix's text; "" for none. */
function finder(family: 4 | 6, prefixes: readonly IpPrefix[]): (address: IpAddress) => string {
  const run = runOf(family, prefixes);
  const texts = [""];
  const valueFor = (_: number, from: number): number => {
    const value = run.words.reduce((sum, column) => (sum << 32n) | BigInt(column[from] ?? 0), 0n);
    return texts.push(writePrefix({ family, value, length: run.lengths[from] ?? 0 })) - 1;
  };
  if (family === 4) {
    const table = buildLpm4(run, valueFor);
    return (address) => texts[find4(table, Number(address.value))] ?? "missing";
  }
  const table = buildLpm6(run, valueFor);
  return (address) => {
    const [a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3].map((word) => wordOf(address, word));
    return texts[find6(table, a, b, c, d)] ?? "missing";
  };
}

function naive(prefixes: readonly IpPrefix[], address: IpAddress): string {
  const covering = prefixes.filter((prefix) => covers(prefix, address));
  const longest = covering.reduce((most, prefix) => Math.max(most, prefix.length), -1);
  const found = covering.find((prefix) => prefix.length === longest);
  return found === undefined ? "" : writePrefix(found);
}

/** The first and last address of each prefix, and their neighbours outside. */
function edges(prefixes: readonly IpPrefix[]): IpAddress[] {
  return prefixes.flatMap(({ family, value, length }) => {
    const bits = BigInt(bitsOf(family));
    const last = value + (1n << (bits - BigInt(length))) - 1n;
    const near = [value - 1n, value, value + 1n, last - 1n, last, last + 1n];
    return near.flatMap((one): IpAddress[] =>
      one >= 0n && one < 1n << bits ? [{ family, value: one }] : [],
    );
  });
}

/** Few distinct tops and bottoms, so that prefixes nest and touch; and whatever else. */
const tops = {
  4: [0x0an, 0x0bn, 0x7fn, 0xffn, 0n],
  6: [0x20n, 0x20n, 0x2an, 0x3fn, 0x40n, 0x1fn, 0xfen, 0n],
};
function anyAddress(family: 4 | 6): fc.Arbitrary<IpAddress> {
  const bits = BigInt(bitsOf(family));
  const near = fc
    .tuple(
      fc.constantFrom(...tops[family]),
      fc.nat(3),
      fc.constantFrom(0n, 1n, 16n, 40n, 63n, 64n),
      fc.nat(3),
    )
    .map(([top, bit, shift, low]) => {
      const value = BigInt.asUintN(
        Number(bits),
        (top << (bits - 8n)) | (BigInt(bit) << (shift % bits)) | BigInt(low),
      );
      return { family, value };
    });
  const anywhere = fc.bigInt({ min: 0n, max: (1n << bits) - 1n }).map((value) => ({ family, value }));
  return fc.oneof({ weight: 4, arbitrary: near }, { weight: 1, arbitrary: anywhere });
}

function anyPrefix(family: 4 | 6): fc.Arbitrary<IpPrefix> {
  return fc
    .tuple(anyAddress(family), fc.nat(bitsOf(family)))
    .map(([address, length]) => prefixOf(address, length));
}

for (const family of [4, 6] as const) {
  test(`[BG70] IPv${family}: lookup equals a naive scan, at every edge and anywhere`, () => {
    let found = 0;
    fc.assert(
      fc.property(
        fc.array(anyPrefix(family), { maxLength: 30 }),
        fc.array(anyAddress(family), { minLength: 10, maxLength: 30 }),
        (prefixes, addresses) => {
          const find = finder(family, prefixes);
          for (const address of [...edges(prefixes), ...addresses]) {
            const expected = naive(prefixes, address);
            assert.equal(find(address), expected, writeAddress(address));
            if (expected !== "") found++;
          }
        },
      ),
      { seed: 70, numRuns: 60 },
    );
    assert.ok(found > 1000, `only ${found} addresses were covered`);
  });
}

test("[BG70] every length of one address, nested", () => {
  for (const family of [4, 6] as const) {
    const bits = bitsOf(family);
    const address = { family, value: family === 4 ? 0xcb0071ffn : 0x20010db8ffff0000ffff0000ffff00ffn };
    const prefixes = Array.from({ length: bits + 1 }, (_, length) => prefixOf(address, length));
    const find = finder(family, prefixes);
    for (let bit = 0; bit < bits; bit++) {
      const other = { family, value: address.value ^ (1n << BigInt(bits - 1 - bit)) };
      assert.equal(find(other), writePrefix(prefixOf(address, bit)));
    }
    assert.equal(find(address), writePrefix(prefixOf(address, bits)));
  }
});
