import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Capabilities, noCapabilities } from "./capability.ts";
import { put16 } from "./message.ts";
import { nameOf, readNotification, sentenceData, writeNotification } from "./notification.ts";
import { type Open, readOpen, writeOpen } from "./open.ts";
import { readRefresh, writeRefresh } from "./route-refresh.ts";

const everything: Capabilities = {
  families: [4, 6],
  refresh: true,
  enhancedRefresh: true,
  extendedMessage: true,
  fourOctetAs: 4_200_000_001,
  addPath: [
    { family: 4, direction: "both" },
    { family: 6, direction: "receive" },
  ],
  gracefulRestart: {
    isRestarted: true,
    restartSeconds: 120,
    families: [{ family: 6, isForwardingKept: true }],
  },
};

const open: Open = { as: 4_200_000_001, holdSeconds: 90, routerId: 0x0a000001, capabilities: everything };

function read(message: Uint8Array): Open | readonly [number, number] {
  const reading = readOpen(message, 0, message.length);
  return reading.kind === "open" ? reading.open : [reading.error.code, reading.error.subcode];
}

/** An OPEN with these optional parameters, its length octet set as said. */
function withParameters(parameters: readonly number[], length = parameters.length): Uint8Array {
  const bare = writeOpen({ ...open, as: 64_500, capabilities: noCapabilities });
  const message = Uint8Array.from([...bare.subarray(0, 28), length, ...parameters]);
  put16(message, 16, message.length);
  return message;
}

test("[BG22] an OPEN with every capability is read as it was written", () => {
  assert.deepEqual(read(writeOpen(open)), open);
  const plain = { as: 64_500, holdSeconds: 0, routerId: 1, capabilities: noCapabilities };
  assert.deepEqual(read(writeOpen(plain)), plain);
  // The message at an offset, as the framer shows it.
  const shifted = Uint8Array.from([1, 2, 3, ...writeOpen(open), 9]);
  assert.deepEqual(readOpen(shifted, 3, shifted.length - 1), { kind: "open", open });
});

test("[BG22] parameters of RFC 9072, unknown capabilities, and one capability per parameter are understood", () => {
  const many = Array.from({ length: 80 }, () => ({ family: 4 as const, direction: "both" as const }));
  const long = { ...open, capabilities: { ...everything, addPath: many.slice(0, 63) } };
  const message = writeOpen(long);
  assert.deepEqual([message[28], message[29]], [255, 255]);
  assert.deepEqual(read(message), long);
  const single = withParameters([2, 6, 1, 4, 0, 1, 0, 1, 2, 2, 2, 0, 2, 5, 99, 3, 1, 2, 3]);
  assert.deepEqual(read(single), {
    ...open,
    as: 64_500,
    capabilities: { ...noCapabilities, families: [4], refresh: true },
  });
});

test("[BG23] a broken OPEN is answered with the code and subcode of RFC 4271 §6.2", () => {
  const changed = (at: number, ...octets: readonly number[]): unknown => {
    const message = writeOpen({ ...open, capabilities: { ...everything, fourOctetAs: undefined } });
    message.set(octets, at);
    return read(message);
  };
  assert.deepEqual(changed(19, 3), [2, 1]);
  assert.deepEqual(changed(20, 0, 0), [2, 2], "AS 0");
  assert.deepEqual(changed(22, 0, 2), [2, 6], "a hold time of 2 s");
  assert.deepEqual(changed(24, 0, 0, 0, 0), [2, 3], "identifier 0");
  assert.deepEqual(changed(28, 7), [2, 0], "parameters that end early");
  assert.deepEqual(read(withParameters([1, 1, 0])), [2, 4], "an unknown parameter");
  assert.deepEqual(read(withParameters([2, 9, 1])), [2, 0]);
  assert.deepEqual(read(withParameters([2])), [2, 0]);
  assert.deepEqual(read(withParameters([2, 3, 65, 4, 0])), [2, 0], "a capability that is cut off");
  assert.deepEqual(read(withParameters([2, 4, 65, 2, 0, 1])), [2, 0], "a short AS number");
  assert.deepEqual(read(withParameters([2, 3, 1, 1, 0])), [2, 0], "half a family");
  assert.deepEqual(read(withParameters([255, 0, 9], 255)), [2, 0]);
});

test("[BG31] readOpen, readNotification and readRefresh stand whatever octets come", () => {
  const kinds = new Set<string>();
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 29, maxLength: 120 }), fc.boolean(), (octets, isPlausible) => {
      if (isPlausible) octets.set([4, 0, 1, 0, 90, 1, 1, 1, 1, octets.length - 29], 19);
      kinds.add(readOpen(octets, 0, octets.length).kind);
      readNotification(octets, 0, octets.length);
      readRefresh(octets, 0, octets.length);
    }),
    { numRuns: 2000, seed: 32 },
  );
  assert.ok(kinds.has("refused"));
  const good = writeOpen(open);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 3 }), (changes) => {
      const message = Uint8Array.from(good);
      for (const [at, octet] of changes) message[at] = octet;
      kinds.add(readOpen(message, 0, message.length).kind);
    }),
    { numRuns: 2000, seed: 33 },
  );
  assert.equal(kinds.size, 2);
});

test("[BG24] a NOTIFICATION carries the other operator's sentence, of at most 128 octets and without controls", () => {
  const said = (sentence: string): string => {
    const message = writeNotification({ code: 6, subcode: 2, data: sentenceData(sentence), because: "" });
    return readNotification(message, 0, message.length).sentence;
  };
  assert.equal(said("Wartung um 3 Uhr, zurück um 4"), "Wartung um 3 Uhr, zurück um 4");
  assert.equal(said("a\nb\u001b[2Jc"), "a b [2Jc");
  assert.equal(said(""), "");
  assert.equal(said("€".repeat(60)), "€".repeat(42), "cut at a whole character");
  const lying = writeNotification({ code: 6, subcode: 2, data: Uint8Array.of(200, 65), because: "" });
  assert.equal(readNotification(lying, 0, lying.length).sentence, "");
  const other = writeNotification({ code: 3, subcode: 11, data: Uint8Array.of(2, 65, 65), because: "" });
  assert.deepEqual(readNotification(other, 0, other.length), {
    code: 3,
    subcode: 11,
    data: Uint8Array.of(2, 65, 65),
    sentence: "",
  });
  assert.equal(nameOf(6, 1), "cease, too many prefixes (6/1)");
  assert.equal(nameOf(77, 1), "unknown error (77/1)");
});

test("[BG25] ROUTE-REFRESH and its begin and end are read as they were written; other lengths are an error", () => {
  for (const family of [4, 6] as const) {
    for (const what of ["request", "begin", "end"] as const) {
      const message = writeRefresh(family, what);
      assert.deepEqual(readRefresh(message, 0, message.length), { kind: "refresh", family, what });
    }
  }
  const begin = Uint8Array.from([...writeRefresh(4, "begin"), 0]);
  const reading = readRefresh(begin, 0, begin.length);
  assert.deepEqual(reading.kind === "refused" && [reading.error.code, reading.error.subcode], [7, 1]);
  const short = writeRefresh(4, "request").subarray(0, 21);
  assert.equal(readRefresh(short, 0, short.length).kind, "refused");
  const filters = Uint8Array.from([...writeRefresh(4, "request"), 1, 2, 3]);
  assert.equal(readRefresh(filters, 0, filters.length).kind, "refresh", "outbound filters are passed over");
  const vpn = writeRefresh(4, "request");
  vpn[22] = 128;
  assert.equal(readRefresh(vpn, 0, vpn.length).kind, "ignored");
});
