import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type MetaReply, ReplyReader } from "./meta-protocol.ts";

const runs = { numRuns: 300, seed: 1611 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const value = fc.uint8Array({ maxLength: 300 });
const reply = fc.oneof(
  fc
    .constantFrom("HD O1", "EN O2", "NS O3", "EX O4", "NF O5", "MN", "HD c77 O6")
    .map((line) => ({ line, body: undefined })),
  fc.constant({ line: "SERVER_ERROR object too large for cache", body: undefined }),
  value.map((body) => ({ line: `VA ${body.length} c9 O8`, body })),
);

function read(stream: Uint8Array, cuts: readonly number[]): readonly MetaReply[] {
  const reader = new ReplyReader();
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  return ends.flatMap((end, place) => {
    const some = reader.push(stream.subarray(ends[place - 1] ?? 0, end));
    assert.ok(some.kind === "read");
    return some.replies;
  });
}

test("[DA228] answers are read as they were meant, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(reply), fc.array(fc.nat()), (replies, cuts) => {
      const stream = Buffer.concat(
        replies.flatMap(({ line, body }) => [
          bytes(`${line}\r\n`),
          ...(body === undefined ? [] : [body, bytes("\r\n")]),
        ]),
      );
      const found = read(stream, cuts);
      assert.deepEqual(
        found.map((one) => one.value && Buffer.from(one.value)),
        replies.map(({ body }) => body && Buffer.from(body)),
      );
      const kindOf = (line: string): string => (line.startsWith("SERVER") ? "ERROR" : line.slice(0, 2));
      assert.deepEqual(
        found.map(({ kind }) => kind),
        replies.map(({ line }) => kindOf(line)),
      );
      for (const one of found) if (one.kind === "VA") assert.deepEqual([one.cas, one.opaque], ["9", "8"]);
    }),
    runs,
  );
});

test("[DA228] a stream that is none of memcached's ends before it takes memory", () => {
  const endings = ["VA 2 O1\r\nabcd", `VA ${2 ** 40} O1\r\n`, "VA x\r\n", "x".repeat(5000)];
  for (const text of endings)
    assert.equal(new ReplyReader().push(bytes(text)).kind, "broken", text.slice(0, 20));
});
