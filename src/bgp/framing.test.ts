import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { feed, openFramer } from "./framing.ts";
import {
  keepaliveMessage,
  longLimit,
  messageOf,
  type ProtocolError,
  put16,
  shortLimit,
  updateType,
} from "./message.ts";

function updateOf(length: number): Uint8Array {
  return messageOf(updateType, new Uint8Array(length - 19));
}

function whole(
  chunks: readonly Uint8Array[],
  longest = shortLimit,
): { shown: number[]; error: ProtocolError | undefined } {
  const framer = openFramer();
  framer.longest = longest;
  const shown: number[] = [];
  for (const chunk of chunks) {
    const error = feed(framer, chunk, (bytes, start, end) => {
      assert.equal((bytes[start + 16] ?? 0) * 256 + (bytes[start + 17] ?? 0), end - start);
      shown.push(end - start);
      return true;
    });
    if (error !== undefined) return { shown, error };
    assert.ok(framer.held < longest && framer.pending.length <= Math.max(shortLimit, 2 * longest));
  }
  return { shown, error: undefined };
}

function broken(change: (message: Uint8Array) => void): readonly [number, number, number[]] | undefined {
  const message = updateOf(40);
  change(message);
  const { error } = whole([message]);
  return error === undefined ? undefined : [error.code, error.subcode, [...error.data]];
}

test("[BG20] a broken header is answered with the code, subcode and data of RFC 4271", () => {
  assert.equal(
    broken(() => undefined),
    undefined,
  );
  assert.deepEqual(
    broken((message) => message.fill(0, 3, 4)),
    [1, 1, []],
  );
  assert.deepEqual(
    broken((message) => put16(message, 16, 18)),
    [1, 2, [0, 18]],
  );
  assert.deepEqual(
    broken((message) => put16(message, 16, 22)),
    [1, 2, [0, 22]],
  );
  assert.deepEqual(
    broken((message) => put16(message, 16, 4097)),
    [1, 2, [16, 1]],
  );
  assert.deepEqual(
    broken((message) => message.fill(9, 18, 19)),
    [1, 3, [9]],
  );
  assert.deepEqual(
    broken((message) => message.fill(4, 18, 19)),
    [1, 2, [0, 40]],
  );
  assert.deepEqual(
    broken((message) => message.fill(0, 18, 19)),
    [1, 3, [0]],
  );
});

test("[BG21] any cut of a stream gives the same messages, and no more than one is kept", () => {
  let cuts = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constant(19), fc.integer({ min: 23, max: 4096 })), { maxLength: 8 }),
      fc.array(fc.nat(40_000), { maxLength: 12 }),
      (lengths, at) => {
        const messages = lengths.map((length) => (length === 19 ? keepaliveMessage : updateOf(length)));
        const stream = Buffer.concat(messages);
        const edges = [0, ...at.map((edge) => edge % (stream.length + 1)), stream.length].sort(
          (a, b) => a - b,
        );
        const chunks = edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge));
        cuts += chunks.length;
        assert.deepEqual(whole(chunks), { shown: lengths, error: undefined });
      },
    ),
    { numRuns: 300, seed: 31 },
  );
  assert.ok(cuts > 1000);
  const octets = [...Buffer.concat([updateOf(600), keepaliveMessage, updateOf(23)])].map((octet) =>
    Uint8Array.of(octet),
  );
  assert.deepEqual(whole(octets).shown, [600, 19, 23]);
});

test("[BG21] reading stops where the reader says so", () => {
  const framer = openFramer();
  let shown = 0;
  feed(framer, Buffer.concat([keepaliveMessage, keepaliveMessage]), () => {
    shown += 1;
    return false;
  });
  assert.equal(shown, 1);
});

test("[BG33] a message of more than 4096 octets is taken only after both sides agreed on it", () => {
  const long = updateOf(longLimit);
  assert.equal(whole([long]).error?.subcode, 2);
  const chunks = [long.subarray(0, 30), long.subarray(30, 60_000), long.subarray(60_000)];
  assert.deepEqual(whole([...chunks, long], longLimit).shown, [longLimit, longLimit]);
  const open = messageOf(1, new Uint8Array(5000));
  assert.equal(whole([open], longLimit).error?.subcode, 2, "an OPEN stays short");
});
