import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { idPattern } from "#units/id.ts";
import { readPathwayQuery } from "./pathway-query.ts";

const seed = 60;

test("[ST60] what hls.js, Shaka Player and dash.js say of their pathways is read", () => {
  const cases: readonly (readonly [query: string, expected: readonly (readonly [string, number?])[]])[] = [
    ["token=t&_HLS_pathway=a1&_HLS_throughput=5140000", [["a1", 5_140_000]]],
    ["_DASH_pathway=a1&_DASH_throughput=900.5", [["a1", 900.5]]],
    ["_DASH_pathway=%22a1%2Cx-1.b_2%22&_DASH_throughput=5000000%2C", [["a1", 5_000_000], ["x-1.b_2"]]],
    [
      '_DASH_pathway="a1,,b1"&_DASH_throughput="1,2,3"',
      [
        ["a1", 1],
        ["b1", 3],
      ],
    ],
    ["_DASH_pathway=%22a1%22,%22b1%22&_DASH_throughput=,7", [["a1"], ["b1", 7]]],
    ["_HLS_pathway=old&_HLS_pathway=new&_HLS_throughput=1&_HLS_throughput=2", [["new", 2]]],
    ["_HLS_pathway=a1&_DASH_pathway=a1,b1", [["a1"], ["b1"]]],
  ];
  for (const [query, expected] of cases) {
    const found = readPathwayQuery(query).map(({ id, throughput }) =>
      throughput === undefined ? [id] : [id, throughput],
    );
    assert.deepEqual(found, expected, query);
  }
});

test("[ST60] what is no id and no rate counts as not said", () => {
  const none = [
    "",
    "_HLS_pathway",
    "_HLS_pathway=",
    "_HLS_pathway=.",
    '_DASH_pathway=",,"',
    "_HLS_pathway=a%0Ab",
  ];
  for (const query of none) assert.deepEqual(readPathwayQuery(query), [], query);
  for (const rate of ["-1", "NaN", "1e9", "Infinity", "0", "0x10", "99999999999999", "", "1;2"]) {
    const [used] = readPathwayQuery(`_HLS_pathway=a1&_HLS_throughput=${rate}`);
    assert.deepEqual(used, { id: "a1", throughput: undefined }, rate);
  }
  assert.deepEqual(readPathwayQuery(`_HLS_pathway=${"a".repeat(65)}`), []);
  assert.equal(readPathwayQuery(`_DASH_pathway=${Array.from({ length: 99 }, (_, n) => `p${n}`)}`).length, 16);
});

test("[ST60] no query whatever is refused, and only legal ids come out of it", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "_HLS_pathway",
      "_DASH_pathway",
      "_DASH_throughput",
      "=",
      "&",
      ",",
      "%22",
      '"',
      "a1",
      "%zz",
      "%",
    ),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const used = readPathwayQuery(words.join(""));
      const ids = used.map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(used.length <= 16);
      for (const { id, throughput } of used) {
        assert.match(id, idPattern);
        assert.ok(throughput === undefined || (throughput > 0 && Number.isFinite(throughput)));
      }
    }),
    { seed, numRuns: 2000 },
  );
});
