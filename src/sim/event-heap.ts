// What will happen, soonest first; of what happens at the same time, what was said first.

interface Entry<T> {
  readonly at: number;
  readonly order: number;
  readonly what: T;
}

export class EventHeap<T> {
  private readonly entries: Entry<T>[] = [];
  private said = 0;

  get firstAt(): number {
    return this.entries[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(at: number, what: T): void {
    if (at === Number.POSITIVE_INFINITY) return;
    const entry = { at, order: this.said++, what };
    let place = this.entries.length;
    for (let above = (place - 1) >> 1; place > 0; above = (place - 1) >> 1) {
      const parent = this.entries[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      this.entries[place] = parent;
      place = above;
    }
    this.entries[place] = entry;
  }

  pop(): T | undefined {
    const first = this.entries[0];
    const last = this.entries.pop();
    if (first === undefined || last === undefined) return undefined;
    if (first !== last) this.sink(last);
    return first.what;
  }

  private sink(entry: Entry<T>): void {
    let place = 0;
    for (;;) {
      const [left, right] = [this.entries[2 * place + 1], this.entries[2 * place + 2]];
      const below = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (below === undefined || isBefore(entry, below)) break;
      this.entries[place] = below;
      place = below === right ? 2 * place + 2 : 2 * place + 1;
    }
    this.entries[place] = entry;
  }
}

function isBefore<T>(a: Entry<T>, b: Entry<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
