// Keys in an order of numbers, lowest first. A key may be in it twice, or be of no use any more: whoever takes it looks.

interface Entry {
  readonly key: string;
  readonly at: number;
}

export class KeyHeap {
  #entries: Entry[] = [];

  clear(): void {
    this.#entries = [];
  }

  /** The number of the first key; Infinity when there is none. */
  firstAt(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  first(): string | undefined {
    return this.#entries[0]?.key;
  }

  push(key: string, at: number): void {
    const entries = this.#entries;
    let place = entries.length;
    for (let above = (place - 1) >> 1; place > 0; above = (place - 1) >> 1) {
      const parent = entries[above];
      if (parent === undefined || parent.at <= at) break;
      entries[place] = parent;
      place = above;
    }
    entries[place] = { key, at };
  }

  pop(): string | undefined {
    const [first] = this.#entries;
    const last = this.#entries.pop();
    if (last !== undefined && this.#entries.length > 0) this.#sink(last);
    return first?.key;
  }

  #sink(entry: Entry): void {
    const entries = this.#entries;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      const below =
        (entries[right]?.at ?? Number.POSITIVE_INFINITY) < (entries[left]?.at ?? 0) ? right : left;
      const child = entries[below];
      if (child === undefined || child.at >= entry.at) break;
      entries[place] = child;
      place = below;
    }
    entries[place] = entry;
  }
}
