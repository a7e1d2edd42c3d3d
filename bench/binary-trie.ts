// The reference of `bench lpm`: a binary trie, one bit a step, its nodes in typed arrays.
import type { PrefixRows } from "#bgp/route-run.ts";

export class BinaryTrie {
  private children: Uint32Array;
  private values: Uint32Array;
  private nodes = 1;
  private readonly bits: number;

  constructor(rows: PrefixRows, valueFor: (row: number) => number) {
    this.bits = rows.family === 4 ? 32 : 128;
    this.children = new Uint32Array(2 << 16);
    this.values = new Uint32Array(1 << 16);
    for (let row = 0; row < rows.count; row++) {
      const node = this.path(rows, row);
      this.values[node] = valueFor(row);
    }
  }

  get bytes(): number {
    return 12 * this.nodes;
  }

  /** The value of the longest prefix that covers the address, 0 when none does. */
  find(words: ArrayLike<number>, at: number): number {
    const { children, values, bits } = this;
    let node = 0;
    let best = values[0] ?? 0;
    for (let depth = 0; depth < bits; depth++) {
      const bit = ((words[at + (depth >>> 5)] ?? 0) >>> (31 - (depth & 31))) & 1;
      node = children[2 * node + bit] ?? 0;
      if (node === 0) return best;
      best = values[node] || best;
    }
    return best;
  }

  private path(rows: PrefixRows, row: number): number {
    const length = rows.lengths[row] ?? 0;
    let node = 0;
    for (let depth = 0; depth < length; depth++) {
      const bit = ((rows.words[depth >>> 5]?.[row] ?? 0) >>> (31 - (depth & 31))) & 1;
      const next = this.children[2 * node + bit] ?? 0;
      node = next === 0 ? this.grow(2 * node + bit) : next;
    }
    return node;
  }

  private grow(slot: number): number {
    if (this.nodes === this.values.length) {
      const [children, values] = [this.children, this.values];
      this.children = new Uint32Array(2 * children.length);
      this.values = new Uint32Array(2 * values.length);
      this.children.set(children);
      this.values.set(values);
    }
    this.children[slot] = this.nodes;
    return this.nodes++;
  }
}
