import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  covers,
  type IpAddress,
  prefixOf,
  readAddress,
  readPrefix,
  writeAddress,
  writePrefix,
} from "./address.ts";

function canonical(text: string): string {
  const reading = readAddress(text);
  return reading.kind === "address" ? writeAddress(reading.address) : "refused";
}

function canonicalPrefix(text: string): string {
  const reading = readPrefix(text);
  return reading.kind === "prefix" ? writePrefix(reading.prefix) : "refused";
}

const anyV4 = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): IpAddress => ({ family: 4, value }));
const anyV6 = fc
  .bigInt({ min: 2n ** 48n, max: 2n ** 128n - 1n })
  .map((value): IpAddress => ({ family: 6, value }));

test("[BG1] what is written is read back as the same value", () => {
  fc.assert(
    fc.property(fc.oneof(anyV4, anyV6), fc.nat(128), (address, bits) => {
      assert.deepEqual(readAddress(writeAddress(address)), { kind: "address", address });
      const prefix = prefixOf(address, Math.min(bits, address.family === 4 ? 32 : 128));
      if (prefix.family === 6 && prefix.value >> 32n === 0xffffn) return;
      assert.deepEqual(readPrefix(writePrefix(prefix)), { kind: "prefix", prefix });
      assert.ok(covers(prefix, address));
    }),
    { numRuns: 1000, seed: 21 },
  );
});

test("[BG1] IPv6 is written as RFC 5952 wants it", () => {
  assert.equal(canonical("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  assert.equal(canonical("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  assert.equal(canonical("0:0:0:0:0:0:0:0"), "::");
  assert.equal(canonical("::1"), "::1");
  assert.equal(canonical("fe80::"), "fe80::");
  assert.equal(canonical("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
});

test("[BG2] IPv4-mapped is IPv4", () => {
  assert.equal(canonical("::ffff:203.0.113.10"), "203.0.113.10");
  assert.equal(canonical("::FFFF:cb00:710a"), "203.0.113.10");
  assert.equal(canonicalPrefix("::ffff:203.0.113.0/120"), "203.0.113.0/24");
});

test("[BG3] everything else is refused", () => {
  const garbage = [
    ...["", " 1.2.3.4", "1.2.3.4 ", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "1e1.2.3.4"],
    ...["::1::", ":1", "1:", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345", "fe80::1%eth0", "::g"],
    ...[
      "1:2:3:4:5:6:7::8",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "::1.2.3.256",
      ":::",
      "1::2:3:4:5:6:7:8",
      "localhost",
      "0x1.2.3.4",
    ],
  ];
  // "1:2:3:4:5:6:7::8" stands for eight groups already, so "::" has nothing to stand for.
  for (const text of garbage) assert.equal(canonical(text), "refused", text);
  for (const text of [
    "1.2.3.4",
    "1.2.3.4/33",
    "::/129",
    "1.2.3.4/",
    "/8",
    "1.2.3.4/08",
    "1.2.3.4/-1",
    "1.2.3.4/8/8",
  ]) {
    assert.equal(canonicalPrefix(text), "refused", text);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.ok(["address", "refused"].includes(readAddress(text).kind));
      assert.ok(["prefix", "refused"].includes(readPrefix(text).kind));
    }),
    { seed: 22 },
  );
});

test("[BG4] host bits are cleared", () => {
  assert.equal(canonicalPrefix("203.0.113.77/24"), "203.0.113.0/24");
  assert.equal(canonicalPrefix("203.0.113.77/0"), "0.0.0.0/0");
  assert.equal(canonicalPrefix("2001:db8:ffff::1/33"), "2001:db8:8000::/33");
});
