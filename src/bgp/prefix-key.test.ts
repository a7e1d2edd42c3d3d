import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readPrefix } from "./address.ts";
import { keyAt, keyOf, type PrefixKey } from "./prefix-key.ts";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

function heapMb(): number {
  assert.ok(typeof collect === "function");
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

test("[BG165] a key keeps nothing of the message that it came in, whatever its length", () => {
  const wanted = ["10.0.0.0/8", "203.0.113.7/32", "2001:db8::/48", "2001:db8::/96", "2001:db8::1/128"].map(
    (text) => {
      const reading = readPrefix(text);
      assert.ok(reading.kind === "prefix");
      return keyOf(reading.prefix);
    },
  );
  const kept: PrefixKey[] = [];
  const before = heapMb();
  for (let message = 0; message < 100; message++) {
    for (const key of wanted) {
      // A megabyte, read as messages are.
      const octets = atob(btoa(key + "\0".repeat(1 << 20)));
      const found = keyAt(octets, 0);
      assert.equal(found, key);
      kept.push(found);
    }
  }
  const grown = heapMb() - before;
  assert.ok(grown < 50, `${kept.length} keys keep ${grown.toFixed(0)} MB`);
});
