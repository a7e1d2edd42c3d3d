import assert from "node:assert/strict";
import { test } from "node:test";
import { find4, find6 } from "#bgp/lpm.ts";
import { buildLpm4, buildLpm6 } from "#bgp/lpm-build.ts";
import { seededRandom } from "#units/random.ts";
import { BinaryTrie } from "./binary-trie.ts";
import { fullRoutes } from "./full-table.ts";

test("[BG71] a table of a realistic mix of lengths answers as a binary trie does", () => {
  const { run4, run6 } = fullRoutes({ prefixes4: 60_000, prefixes6: 15_000, sites: 20, seed: 71 });
  const random = seededRandom(71);
  for (const run of [run4, run6]) {
    const valueOfRow = new Uint32Array(run.count);
    const valueFor = (_: number, from: number, to: number): number => {
      valueOfRow.fill(from + 1, from, to);
      return from + 1;
    };
    const table = run.family === 4 ? buildLpm4(run, valueFor) : buildLpm6(run, valueFor);
    const trie = new BinaryTrie(run, (row) => valueOfRow[row] ?? 0);
    let found = 0;
    for (let i = 0; i < 200_000; i++) {
      // A prefix's address with some bits below its length turned, or any address.
      const row = random.integer(0, run.count - 1);
      const words = run.words.map((column, word) => {
        if (i % 4 === 0) return random.integer(0, 0xffff_ffff);
        const fixed = Math.min(32, Math.max(0, (run.lengths[row] ?? 0) - 32 * word - (i % 3)));
        const free = fixed === 32 ? 0 : random.integer(0, 0xffff_ffff) & (0xffff_ffff >>> fixed);
        return ((column[row] ?? 0) | free) >>> 0;
      });
      const [a = 0, b = 0, c = 0, d = 0] = words;
      const ours = "shift" in table ? find4(table, a) : find6(table, a, b, c, d);
      assert.equal(ours, trie.find(words, 0), words.map((word) => word.toString(16)).join(":"));
      if (ours !== 0) found++;
    }
    assert.ok(found > 100_000, `only ${found} addresses were covered`);
  }
});
