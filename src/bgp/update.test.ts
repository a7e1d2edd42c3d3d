import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type IpPrefix, prefixOf } from "./address.ts";
import {
  type AsSegment,
  firstAs,
  hopsAlong,
  mergedPath,
  pathLength,
  type SegmentKind,
  segmentKinds,
} from "./as-path.ts";
import { messageOf, noData, octets16, octets32, put16, updateType } from "./message.ts";
import type { PathPrefix } from "./nlri.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { readUpdate, type UpdateReading } from "./read-update.ts";
import { attributesWith, plainTerms, prefixNamed } from "./sample-route.ts";
import type { UpdateTerms } from "./update.ts";
import {
  announcement,
  attribute,
  endOfRib,
  withdrawal,
  writeAsPath,
  writeAttributes,
} from "./write-update.ts";

/** fast-check's own records have no prototype, and are equal to no literal. */
function plainRecord<T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model).map((made) => ({ ...made }));
}

const anyWord = fc.nat(0xffffffff);

function anyPrefixOf(family: 4 | 6, bits: readonly number[] = [4, 8]): fc.Arbitrary<IpPrefix> {
  const width = family === 4 ? 32 : 128;
  // Few addresses and many lengths, so that prefixes nest and come again.
  return fc
    .tuple(fc.nat(2 ** (bits[0] ?? 4) - 1), fc.nat(2 ** (bits[1] ?? 8) - 1), fc.nat(width))
    .map(([top, bottom, length]) => {
      const value = (BigInt(top) << BigInt(width - 8)) | BigInt(bottom);
      return prefixOf({ family, value }, length);
    });
}

const anyAs = fc.integer({ min: 1, max: 0xffffffff });

const anyMembers = fc.array(anyAs, { minLength: 1, maxLength: 5 });

function anySegmentsOf(kinds: readonly SegmentKind[]): fc.Arbitrary<AsSegment[]> {
  const segment = plainRecord<AsSegment>({ kind: fc.constantFrom(...kinds), members: anyMembers });
  return fc.array(segment, { maxLength: 4 });
}

const anySegments = anySegmentsOf(segmentKinds);

/** Any attributes an external neighbour may send, but for the next hop, which follows from the family. */
const anyAttributes: fc.Arbitrary<PathAttributes> = plainRecord({
  origin: fc.constantFrom("igp" as const, "egp" as const, "incomplete" as const),
  asPath: anySegmentsOf(["sequence", "set"]),
  nextHop: fc.constant(undefined),
  med: fc.option(anyWord, { nil: undefined }),
  localPref: fc.constant(undefined),
  isAtomicAggregate: fc.boolean(),
  aggregator: fc.option(plainRecord({ as: anyAs, address: anyWord }), { nil: undefined }),
  communities: fc.array(anyWord, { maxLength: 80 }),
  extendedCommunities: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 3 }),
  largeCommunities: fc.array(fc.tuple(anyWord, anyWord, anyWord), { maxLength: 3 }),
  originatorId: fc.constant(undefined),
  clusterList: fc.constant([]),
});

const allPaths: UpdateTerms = { ...plainTerms, addPath: [4, 6] };
const four = { asOctets: 4, withPathId: false } as const;

function read(message: Uint8Array, terms = plainTerms): Exclude<UpdateReading, { kind: "broken" }> {
  const reading = readUpdate(message, 0, message.length, terms);
  if (reading.kind === "broken") assert.fail(reading.error.because);
  return reading;
}

function errorOf(message: Uint8Array, terms = plainTerms): readonly [number, number] {
  const reading = readUpdate(message, 0, message.length, terms);
  assert.equal(reading.kind, "broken");
  return reading.kind === "broken" ? [reading.error.code, reading.error.subcode] : [0, 0];
}

/** An UPDATE from raw lists. */
function raw(withdrawn: readonly number[], attributes: Uint8Array, announced: readonly number[]): Uint8Array {
  const lists = [
    octets16(withdrawn.length),
    Uint8Array.from(withdrawn),
    octets16(attributes.length),
    attributes,
  ];
  return messageOf(updateType, ...lists, Uint8Array.from(announced));
}

/** Good attributes and one more that is not, with 203.0.113.0/24. */
function withBad(bad: Uint8Array, announced: readonly number[] = [24, 203, 0, 113]): Uint8Array {
  const good = writeAttributes(attributesWith([64_500]), 4);
  const code = bad[1] ?? 0;
  const kept = code <= 3 ? withoutCode(good, code) : good;
  return raw([], Uint8Array.from([...kept, ...bad]), announced);
}

function withoutCode(attributes: Uint8Array, code: number): Uint8Array {
  const kept: number[] = [];
  for (let at = 0; at < attributes.length; at += 3 + (attributes[at + 2] ?? 0)) {
    const next = at + 3 + (attributes[at + 2] ?? 0);
    if (attributes[at + 1] !== code) kept.push(...attributes.subarray(at, next));
  }
  return Uint8Array.from(kept);
}

const anyCase = fc.tuple(fc.constantFrom<4 | 6>(4, 6), fc.boolean()).chain(([family, withPathId]) =>
  plainRecord({
    withPathId: fc.constant(withPathId),
    attributes: anyAttributes.map((attributes) => ({
      ...attributes,
      nextHop: new Uint8Array(family === 4 ? 4 : 16).fill(7),
    })),
    prefixes: fc.array(
      plainRecord({
        prefix: anyPrefixOf(family, [8, 8]),
        pathId: withPathId ? fc.nat(0xffffffff) : fc.constant(0),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  }),
);

test("[BG26] an UPDATE is read as it was written: both families, path ids, every attribute", () => {
  fc.assert(
    fc.property(anyCase, ({ attributes, prefixes, withPathId }) => {
      const terms = withPathId ? allPaths : plainTerms;
      const message = announcement(attributes, prefixes, { asOctets: 4, withPathId });
      const announced = read(message, terms);
      assert.deepEqual(announced.announced, prefixes);
      assert.deepEqual(announced.attributes, attributes);
      assert.deepEqual(announced.verdict, { kind: "kept", discarded: 0 });
      assert.deepEqual(read(withdrawal(prefixes, withPathId), terms).withdrawn, prefixes);
    }),
    { numRuns: 500, seed: 34 },
  );
});

test("[BG26] host bits of a prefix on the wire are cleared", () => {
  const message = raw([], writeAttributes(attributesWith([1]), 4), [20, 203, 0, 127]);
  assert.deepEqual(read(message).announced, [prefixNamed("203.0.112.0/20")]);
});

test("[BG27] a path's length counts a set once and a confederation not at all", () => {
  const path: readonly AsSegment[] = [
    { kind: "confederation-sequence", members: [65_001, 65_002] },
    { kind: "sequence", members: [10, 20, 20] },
    { kind: "confederation-set", members: [65_003] },
    { kind: "set", members: [40, 30] },
  ];
  assert.equal(pathLength(path), 4);
  assert.deepEqual(hopsAlong(path), [10, 20, 20, 30]);
  assert.equal(firstAs(path), 10);
  assert.equal(firstAs([{ kind: "set", members: [1] }]), undefined);
  fc.assert(
    fc.property(anySegments, (segments) => assert.equal(hopsAlong(segments).length, pathLength(segments))),
    { seed: 35 },
  );
});

/** What a two-octet speaker makes of a path: numbers that do not fit become AS_TRANS, and AS4_PATH keeps them. */
function asTwoOctet(path: readonly AsSegment[]): Uint8Array {
  const narrow = path.map(({ kind, members }) => ({
    kind,
    members: members.map((as) => (as > 0xffff ? 23_456 : as)),
  }));
  const rest = [attribute(17, writeAsPath(path, 4))];
  const attributes = writeAttributes(attributesWith([], { asPath: narrow }), 2);
  return raw([], Uint8Array.from([...attributes, ...rest.flatMap((part) => [...part])]), [24, 203, 0, 113]);
}

test("[BG28] a two-octet and a four-octet neighbour give the same path", () => {
  const twoOctets: UpdateTerms = { ...plainTerms, asOctets: 2 };
  const members = fc.array(fc.integer({ min: 1, max: 0xffffffff }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      members,
      fc.option(members, { nil: undefined }),
      fc.array(fc.nat(0xffff), { maxLength: 3 }),
      (sequence, set, before) => {
        const tail: AsSegment[] = set === undefined ? [] : [{ kind: "set", members: set }];
        const path: AsSegment[] = [{ kind: "sequence", members: sequence }, ...tail];
        assert.deepEqual(read(asTwoOctet(path), twoOctets).attributes.asPath, path);
        // Two-octet speakers on the way put themselves before AS_PATH only.
        const longer: AsSegment[] = [{ kind: "sequence", members: [...before, ...sequence] }, ...tail];
        if (before.length > 0) assert.deepEqual(mergedPath(longer, path), longer);
      },
    ),
    { numRuns: 300, seed: 36 },
  );
});

test("[BG28] an AS4_PATH that is longer, or came before a two-octet aggregator, is passed over", () => {
  const path: AsSegment[] = [{ kind: "sequence", members: [1, 2] }];
  const as4Path: AsSegment[] = [{ kind: "sequence", members: [7, 8, 9] }];
  assert.deepEqual(mergedPath(path, as4Path), path);
  const attributes = writeAttributes(attributesWith([23_456, 5], { aggregator: { as: 5, address: 1 } }), 2);
  const extra = [
    attribute(17, writeAsPath([{ kind: "sequence", members: [70_000, 5] }], 4)),
    attribute(18, Uint8Array.from([...octets32(70_000), 9, 9, 9, 9])),
  ];
  const message = raw([], Uint8Array.from([...attributes, ...extra.flatMap((part) => [...part])]), [8, 9]);
  const twoOctets: UpdateTerms = { ...plainTerms, asOctets: 2 };
  assert.deepEqual(hopsAlong(read(message, twoOctets).attributes.asPath ?? []), [23_456, 5]);
  assert.deepEqual(read(message, twoOctets).attributes.aggregator, { as: 5, address: 1 });
});

test("[BG29] each broken attribute costs what RFC 7606 says", () => {
  const bad = (code: number, octets: readonly number[], flags?: number): Uint8Array => {
    const made = attribute(code, Uint8Array.from(octets));
    if (flags !== undefined) made[0] = flags;
    return made;
  };
  const withdrawn: readonly Uint8Array[] = [
    ...[bad(1, [3]), bad(1, [0, 0]), bad(1, [0], 0x80)],
    ...[
      bad(2, [9, 1, 0, 0, 0, 1]),
      bad(2, [2, 2, 0, 0, 0, 1]),
      bad(2, [2, 0]),
      bad(2, [2]),
      bad(2, [2, 1, 0, 0, 0, 1], 0xc0),
    ],
    ...[bad(3, [1, 2, 3]), bad(4, [1]), bad(4, [0, 0, 0, 1], 0xc0), bad(8, [1, 2, 3]), bad(8, [])],
    ...[bad(16, [1, 2, 3]), bad(16, []), bad(32, [1]), bad(32, []), bad(25, [1])],
  ];
  for (const octets of withdrawn) {
    const reading = read(withBad(octets));
    assert.equal(reading.verdict.kind, "withdrawn", `${[...octets]}`);
    assert.deepEqual(reading.announced, [prefixNamed("203.0.113.0/24")]);
  }
  const discarded = [bad(6, [1]), bad(7, [1, 2]), bad(17, [9]), bad(18, [1]), bad(4, [0, 0, 0, 7])];
  for (const octets of discarded.slice(0, 4)) {
    assert.deepEqual(read(withBad(octets)).verdict, { kind: "kept", discarded: 1 }, `${[...octets]}`);
  }
  // From another AS these mean nothing, so they cannot be broken.
  for (const octets of [bad(5, [1]), bad(9, [1]), bad(10, [])]) {
    assert.deepEqual(read(withBad(octets)).verdict, { kind: "kept", discarded: 0 });
    assert.equal(read(withBad(octets), { ...plainTerms, isExternal: false }).verdict.kind, "withdrawn");
  }
  const med = discarded[4] ?? noData;
  const twice = read(withBad(Uint8Array.from([...med, ...bad(4, [0, 0, 0, 9])])));
  assert.deepEqual(
    [twice.verdict, twice.attributes.med],
    [{ kind: "kept", discarded: 1 }, 7],
    "the first counts",
  );
  assert.equal(read(withBad(Uint8Array.of(0xc0, 99, 1, 1))).verdict.kind, "kept", "unknown and optional");
  for (const code of [1, 2, 3]) {
    const lacking = withoutCode(writeAttributes(attributesWith([64_500]), 4), code);
    assert.equal(read(raw([], lacking, [24, 203, 0, 113])).verdict.kind, "withdrawn", `without ${code}`);
  }
  assert.equal(
    read(withBad(Uint8Array.of(0xc0, 8, 200, 1))).verdict.kind,
    "withdrawn",
    "longer than the rest",
  );
});

test("[BG160] AS 0 and a stranger's confederation are no part of a path; an aggregator of AS 0 is passed over", () => {
  const path = (kind: SegmentKind, members: readonly number[]): Uint8Array =>
    attribute(
      2,
      writeAsPath(
        [
          { kind, members },
          { kind: "sequence", members: [64_500] },
        ],
        4,
      ),
    );
  const verdictOf = (bad: Uint8Array, terms: UpdateTerms = plainTerms): string =>
    read(withBad(bad), terms).verdict.kind;
  const within: UpdateTerms = { ...plainTerms, isExternal: false };
  for (const kind of ["sequence", "set"] as const) {
    assert.equal(verdictOf(path(kind, [64_501, 0])), "withdrawn");
    assert.equal(verdictOf(path(kind, [64_501, 0]), within), "withdrawn");
    assert.equal(verdictOf(path(kind, [64_501])), "kept");
  }
  // It would have made the path shorter than it is.
  for (const kind of ["confederation-sequence", "confederation-set"] as const) {
    assert.equal(verdictOf(path(kind, [65_001])), "withdrawn");
    assert.equal(verdictOf(path(kind, [65_001]), within), "kept");
  }
  const aggregator = withBad(attribute(7, new Uint8Array(8)));
  assert.deepEqual(read(aggregator).verdict, { kind: "kept", discarded: 1 });
  assert.equal(read(aggregator).attributes.aggregator, undefined);
  const as4 = withBad(attribute(17, writeAsPath([{ kind: "sequence", members: [0] }], 4)));
  assert.deepEqual(read(as4).verdict, { kind: "kept", discarded: 1 });
});

test("[BG30] where prefixes cannot be found, or none could be withdrawn, the session ends", () => {
  const good = writeAttributes(attributesWith([64_500]), 4);
  assert.deepEqual(errorOf(raw([], good, [33, 1, 2, 3, 4, 5])), [3, 10]);
  assert.deepEqual(errorOf(raw([], good, [24, 1, 2])), [3, 10]);
  assert.deepEqual(errorOf(raw([24, 1], noData, [])), [3, 10]);
  const lying = raw([], good, [8, 9]);
  put16(lying, 19, 500);
  assert.deepEqual(errorOf(lying), [3, 1]);
  put16(lying, 19, 0);
  put16(lying, 21, 500);
  assert.deepEqual(errorOf(lying), [3, 1]);
  const reach = (value: readonly number[]): Uint8Array => attribute(14, Uint8Array.from(value));
  const hop = [16, ...new Array<number>(16).fill(1), 0];
  assert.deepEqual(errorOf(raw([], reach([0, 2, 1, 16]), [])), [3, 9]);
  assert.deepEqual(
    errorOf(raw([], reach([0, 2, 1, 3, 1, 1, 1, 0, 8, 32]), [])),
    [3, 9],
    "a next hop of 3 octets",
  );
  assert.deepEqual(errorOf(raw([], reach([0, 2, 1, ...hop, 129]), [])), [3, 9]);
  assert.deepEqual(errorOf(raw([], reach([0, 2, 1, ...hop, 64, 1]), [])), [3, 9]);
  const twice = reach([0, 2, 1, ...hop, 16, 0x20, 1]);
  assert.deepEqual(errorOf(raw([], Uint8Array.from([...twice, ...twice]), [])), [3, 1]);
  assert.deepEqual(errorOf(withBad(Uint8Array.of(0x40, 99, 1, 1))), [3, 2], "well-known, but not here");
  assert.deepEqual(errorOf(withBad(attribute(1, Uint8Array.of(9)), [])), [3, 6], "nothing to withdraw");
});

test("[BG31] no octets make the decoder throw or read beyond the message", () => {
  const seen = { update: 0, broken: 0 };
  const guarded = (message: Uint8Array, terms: UpdateTerms): void => {
    // What lies before and behind would be read as more prefixes, if it were read.
    const around = new Uint8Array(message.length + 64).fill(8);
    around.set(message, 32);
    const reading = readUpdate(around, 32, 32 + message.length, terms);
    const alone = readUpdate(message, 0, message.length, terms);
    assert.deepEqual(reading, alone);
    seen[reading.kind] += 1;
  };
  const anyTerms = fc.constantFrom(plainTerms, allPaths, {
    ...plainTerms,
    asOctets: 2 as const,
    isExternal: false,
  });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 200 }),
      anyTerms,
      fc.boolean(),
      (body, terms, isSized) => {
        if (isSized) body.set([0, 0, 0, Math.max(0, body.length - 10)]);
        guarded(messageOf(updateType, body), terms);
      },
    ),
    { numRuns: 3000, seed: 37 },
  );
  fc.assert(
    fc.property(
      anyCase,
      fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      anyTerms,
      ({ attributes, prefixes, withPathId }, changes, terms) => {
        const message = announcement(attributes, prefixes, { asOctets: 4, withPathId });
        for (const [at, octet] of changes) message[19 + (at % (message.length - 19))] = octet;
        guarded(message, terms);
      },
    ),
    { numRuns: 3000, seed: 38 },
  );
  assert.ok(seen.update > 500 && seen.broken > 500, JSON.stringify(seen));
});

test("[BG32] path ids are read where they were agreed on, and nowhere else", () => {
  const prefixes: PathPrefix[] = [prefixNamed("203.0.113.0/24 7"), prefixNamed("203.0.113.0/24 9")];
  const message = announcement(attributesWith([1]), prefixes, { asOctets: 4, withPathId: true });
  assert.deepEqual(read(message, allPaths).announced, prefixes);
  assert.deepEqual(read(message, { ...plainTerms, addPath: [4] }).announced, prefixes);
  const without = readUpdate(message, 0, message.length, { ...plainTerms, addPath: [6] });
  assert.notDeepEqual(without.kind === "update" && without.announced, prefixes);
});

test("[BG34] End-of-RIB is known in both forms, and only alone", () => {
  assert.equal(read(endOfRib(4)).endOfRib, 4);
  assert.equal(read(endOfRib(6)).endOfRib, 6);
  const explicit = raw([], attribute(15, Uint8Array.of(0, 1, 1)), []);
  assert.equal(read(explicit).endOfRib, 4);
  assert.equal(read(endOfRib(6), { ...plainTerms, families: [4] }).endOfRib, undefined);
  const other = raw([24, 203, 0, 113], attribute(15, Uint8Array.of(0, 2, 1)), []);
  assert.equal(read(other).endOfRib, undefined);
  assert.equal(read(announcement(attributesWith([1]), [prefixNamed("9.0.0.0/8")], four)).endOfRib, undefined);
});
