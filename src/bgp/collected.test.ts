import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RouteEvent } from "#model/network.ts";
import { siteId } from "#units/id.ts";
import { type BmpView, bmpStation, endBmp, hearBmp } from "./bmp.ts";
import { noCapabilities } from "./capability.ts";
import type { CollectedOrder } from "./collected.ts";
import { joined, octets16, octets32 } from "./message.ts";
import { hearMrt, mrtReader } from "./mrt.ts";
import { writePrefixes } from "./nlri.ts";
import { writeOpen } from "./open.ts";
import { attributesWith, openFilter, prefixNamed } from "./sample-route.ts";
import { announcement, attribute, withdrawal, writeAttributes } from "./write-update.ts";

const four = { asOctets: 4, withPathId: false } as const;
const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** What is told, in short lines. */
function order(wants?: (address: string) => boolean): {
  readonly lines: string[];
  readonly order: CollectedOrder;
} {
  const lines: string[] = [];
  const told = (event: RouteEvent): number =>
    event.kind === "announce"
      ? lines.push(`${event.route.prefix} via ${event.route.asPath.join(" ")}`)
      : lines.push(`-${event.prefix}`);
  const base = { siteId: siteId("isp-a"), filter: openFilter, seed: 7, told };
  return { lines, order: wants === undefined ? base : { ...base, wants } };
}

function bmp(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  const whole = joined(body);
  return joined([Uint8Array.of(3), octets32(6 + whole.length), Uint8Array.of(type), whole]);
}

/** A per-peer head: the last octet of its address, its flags, its type. */
function head(peer: number, flags = 0x40, type = 0): Uint8Array {
  const address = joined([zeros(12), Uint8Array.of(192, 0, 2, peer)]);
  return joined([Uint8Array.of(type, flags), zeros(8), address, octets32(64_500), zeros(12)]);
}

function saying(prefix: string, hops: readonly number[], withPathId = false): Uint8Array {
  return announcement(attributesWith(hops), [prefixNamed(prefix)], { asOctets: 4, withPathId });
}

function peerUp(peer: number, isAddPath = false): Uint8Array {
  const open = writeOpen({
    as: 64_500,
    holdSeconds: 90,
    routerId: 1,
    capabilities: {
      ...noCapabilities,
      families: [4],
      addPath: isAddPath ? [{ family: 4, direction: "both" }] : [],
    },
  });
  return bmp(3, head(peer), zeros(20), open, open);
}

const story = joined([
  bmp(4, octets16(2), octets16(3), Uint8Array.of(65, 66, 67)),
  peerUp(1),
  bmp(0, head(1), saying("9.0.0.0/8", [64_500, 1])),
  bmp(0, head(2), saying("9.0.0.0/8", [64_501, 7, 1])),
  bmp(1, head(1), octets32(0)),
  bmp(0, head(1), withdrawal([prefixNamed("9.0.0.0/8")], false)),
  bmp(0, head(1), saying("11.0.0.0/8", [64_500])),
  bmp(2, head(1), Uint8Array.of(4)),
]);
const storyLines = [
  "9.0.0.0/8 via 64500 1",
  "9.0.0.0/8 via 64500 1",
  "9.0.0.0/8 via 64501 7 1",
  "11.0.0.0/8 via 64500",
  "-11.0.0.0/8",
];

function heardBmp(chunks: readonly Uint8Array[], view: BmpView = "post-policy"): string[] {
  const { lines, order: given } = order();
  const station = bmpStation(given, view);
  for (const chunk of chunks) assert.equal(hearBmp(station, chunk), undefined);
  return lines;
}

test("[BG60] a router's neighbours are heard over BMP, lost with Peer Down, and all gone with the router", () => {
  assert.deepEqual(heardBmp([story]), storyLines);
  const { lines, order: given } = order();
  const station = bmpStation(given, "post-policy");
  hearBmp(station, story);
  endBmp(station);
  assert.deepEqual(lines.slice(5), ["-9.0.0.0/8"]);
});

test("[BG60] only the view that was asked for counts, and never what the router itself sends", () => {
  const ofAnotherInstance = head(1, 0x00, 3).with(9, 7);
  const all = [
    bmp(0, ofAnotherInstance, saying("9.7.0.0/16", [1])),
    bmp(0, head(1, 0x00), saying("9.1.0.0/16", [1])),
    bmp(0, head(1, 0x40), saying("9.2.0.0/16", [1])),
    bmp(0, head(1, 0x00, 3), saying("9.3.0.0/16", [1])),
    bmp(0, head(1, 0x10), saying("9.4.0.0/16", [1])),
    bmp(0, head(1, 0x50), saying("9.5.0.0/16", [1])),
    bmp(0, head(1, 0x40, 1), saying("9.6.0.0/16", [1])),
  ];
  assert.deepEqual(heardBmp(all, "pre-policy"), ["9.1.0.0/16 via 1"]);
  assert.deepEqual(heardBmp(all, "post-policy"), ["9.2.0.0/16 via 1"]);
  assert.deepEqual(heardBmp(all, "loc-rib"), ["9.3.0.0/16 via 1"]);
});

test("[BG60] path ids and two-octet paths are read as the neighbour's OPEN messages and the flags say", () => {
  assert.deepEqual(heardBmp([peerUp(1, true), bmp(0, head(1), saying("9.0.0.0/8 5", [1], true))]), [
    "9.0.0.0/8 via 1",
  ]);
  const narrow = announcement(attributesWith([64_500, 2]), [prefixNamed("9.0.0.0/8")], {
    ...four,
    asOctets: 2,
  });
  assert.deepEqual(heardBmp([bmp(0, head(1, 0x60), narrow)]), ["9.0.0.0/8 via 64500 2"]);
});

function mrt(type: number, subtype: number, ...body: readonly Uint8Array[]): Uint8Array {
  const whole = joined(body);
  return joined([octets32(1_700_000_000), octets16(type), octets16(subtype), octets32(whole.length), whole]);
}

const peerIndex = mrt(
  13,
  1,
  octets32(1),
  octets16(4),
  Uint8Array.of(86, 105, 101, 119),
  octets16(2),
  Uint8Array.of(2, 0, 0, 0, 1, 192, 0, 2, 1),
  octets32(64_500),
  Uint8Array.of(1, 0, 0, 0, 2, ...zeros(15), 2),
  octets16(64_501),
);

/** One line of a dump: what neighbours, by number, said of a prefix. */
function dumped(
  subtype: number,
  prefix: string,
  said: readonly (readonly [number, readonly number[]])[],
): Uint8Array {
  const named = prefixNamed(prefix);
  const rows = said.map(([peer, hops]) => {
    const isV6 = named.prefix.family === 6;
    const attributes = writeAttributes(attributesWith(hops, isV6 ? { nextHop: undefined } : {}), 4);
    // RFC 6396 §4.3.4: MP_REACH_NLRI with nothing but the next hop.
    const whole = isV6
      ? joined([attributes, attribute(14, joined([Uint8Array.of(16), zeros(16)]))])
      : attributes;
    const pathId = subtype >= 8 ? octets32(named.pathId) : zeros(0);
    return joined([octets16(peer), octets32(0), pathId, octets16(whole.length), whole]);
  });
  return mrt(13, subtype, octets32(0), writePrefixes([named], false), octets16(rows.length), ...rows);
}

function logged(asOctets: 2 | 4, content: Uint8Array): Uint8Array {
  const as = (number: number): Uint8Array => (asOctets === 2 ? octets16(number) : octets32(number));
  const addresses = Uint8Array.of(192, 0, 2, 1, 192, 0, 2, 9);
  return joined([as(64_500), as(64_999), octets16(0), octets16(1), addresses, content]);
}

const dump = joined([
  peerIndex,
  dumped(2, "9.0.0.0/8", [
    [0, [64_500, 1, 2]],
    [1, [64_501, 2]],
  ]),
  dumped(4, "2a00::/16", [[1, [64_501]]]),
]);
const dumpLines = ["9.0.0.0/8 via 64500 1 2", "9.0.0.0/8 via 64501 2", "2a00::/16 via 64501"];

function heardMrt(chunks: readonly Uint8Array[], wants?: (address: string) => boolean): string[] {
  const { lines, order: given } = order(wants);
  const reader = mrtReader(given);
  for (const chunk of chunks) assert.equal(hearMrt(reader, chunk), undefined);
  assert.equal(reader.collected.counts.broken, 0);
  return lines;
}

test("[BG62] a dump of a table is read: both families, path ids, one neighbour or all", () => {
  assert.deepEqual(heardMrt([dump]), dumpLines);
  assert.deepEqual(
    heardMrt([dump], (address) => address === "192.0.2.1"),
    dumpLines.slice(0, 1),
  );
  assert.deepEqual(
    heardMrt([dump], (address) => address === "::2"),
    dumpLines.slice(1),
  );
  const paths = [dumped(8, "9.0.0.0/8 1", [[0, [1, 2]]]), dumped(8, "9.0.0.0/8 2", [[0, [3]]])];
  assert.deepEqual(heardMrt([peerIndex, ...paths]), ["9.0.0.0/8 via 1 2", "9.0.0.0/8 via 3"]);
  const full = attribute(14, Uint8Array.of(0, 2, 1, 16, ...zeros(17)));
  const attributes = joined([writeAttributes(attributesWith([5], { nextHop: undefined }), 4), full]);
  const row = joined([octets16(0), octets32(0), octets16(attributes.length), attributes]);
  const odd = mrt(13, 4, octets32(0), writePrefixes([prefixNamed("2a00::/16")], false), octets16(1), row);
  assert.deepEqual(heardMrt([peerIndex, odd]), ["2a00::/16 via 5"], "some write MP_REACH_NLRI whole");
});

test("[BG63] a log of messages is read on from a dump, and a neighbour that is lost is gone", () => {
  const records = [
    dump,
    mrt(16, 4, logged(4, saying("11.0.0.0/8", [64_500]))),
    mrt(17, 4, octets32(99), logged(4, withdrawal([prefixNamed("9.0.0.0/8")], false))),
    mrt(
      16,
      1,
      logged(
        2,
        announcement(attributesWith([64_500, 3]), [prefixNamed("12.0.0.0/8")], { ...four, asOctets: 2 }),
      ),
    ),
    mrt(16, 9, logged(4, saying("13.0.0.0/8 4", [64_500], true))),
    mrt(16, 7, logged(4, saying("14.0.0.0/8", [64_999]))),
    mrt(16, 5, logged(4, Uint8Array.of(0, 6, 0, 1))),
  ];
  assert.deepEqual(heardMrt(records).slice(dumpLines.length), [
    "11.0.0.0/8 via 64500",
    "9.0.0.0/8 via 64501 2",
    "-11.0.0.0/8",
    "12.0.0.0/8 via 64500 3",
    "-12.0.0.0/8",
    "13.0.0.0/8 via 64500",
    "-13.0.0.0/8",
  ]);
});

test("[BG61] any cut of either stream gives the same, and no octets make a reader throw", () => {
  const cuts = fc.array(fc.nat(2000), { maxLength: 30 });
  const cut = (stream: Uint8Array, at: readonly number[]): Uint8Array[] => {
    const edges = [0, ...at.map((edge) => edge % (stream.length + 1)), stream.length].sort((a, b) => a - b);
    return edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge));
  };
  fc.assert(
    fc.property(cuts, (at) => {
      assert.deepEqual(heardBmp(cut(story, at)), storyLines);
      assert.deepEqual(heardMrt(cut(dump, at)), dumpLines);
    }),
    { numRuns: 200, seed: 61 },
  );
  const ends = { read: 0, refused: 0, broken: 0 };
  const change = fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(change, cuts, (changes, at) => {
      const [one, other] = [Uint8Array.from(story), Uint8Array.from(dump)];
      for (const [where, octet] of changes) {
        one[where % one.length] = octet;
        other[where % other.length] = octet;
      }
      const station = bmpStation(order().order, "post-policy");
      const reader = mrtReader(order().order);
      const because = cut(one, at)
        .map((chunk) => hearBmp(station, chunk))
        .find((text) => text !== undefined);
      ends[because === undefined ? "read" : "refused"] += 1;
      for (const chunk of cut(other, at)) hearMrt(reader, chunk);
      ends.broken += station.collected.counts.broken + reader.collected.counts.broken;
    }),
    { numRuns: 2000, seed: 62 },
  );
  assert.ok(ends.read > 100 && ends.refused > 100 && ends.broken > 100, JSON.stringify(ends));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      hearBmp(bmpStation(order().order, "pre-policy"), octets);
      hearMrt(mrtReader(order().order), octets);
    }),
    { numRuns: 2000, seed: 63 },
  );
});

test("[BG61] a stream that cannot be read says why, and what a router said is gone with it", () => {
  const { lines, order: given } = order();
  const station = bmpStation(given, "post-policy");
  hearBmp(station, bmp(0, head(1), saying("9.0.0.0/8", [1])));
  assert.equal(hearBmp(station, Uint8Array.of(2, 0, 0, 0, 9, 0)), "BMP version 3 was wanted, found 2");
  assert.deepEqual(lines, ["9.0.0.0/8 via 1", "-9.0.0.0/8"]);
  const huge = joined([zeros(8), octets32(0xfffffff0)]);
  assert.match(hearMrt(mrtReader(given), huge) ?? "", /at most 4194304 are taken/);
});
