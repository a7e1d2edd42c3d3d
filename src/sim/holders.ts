// Which boxes hold which file, as bits: what control was told, and what is so. Files that the same boxes hold, by both
// accounts, are a class: steering cannot tell them apart, so that an hour of a hundred thousand files is served class by class.

/** Two accounts of the same file: a set of boxes as control knows it, and as it is. Bit i is box i. */
export interface HolderClass {
  readonly known: number;
  readonly actual: number;
}

const shift = 2 ** 26;

export class Holders {
  readonly classes: HolderClass[] = [{ known: 0, actual: 0 }];
  /** Bytes asked for today, by region and class. */
  readonly asked: Float64Array[];
  private readonly classOf: number[] = [];
  private readonly numbers = new Map<number, number>([[0, 0]]);
  /** Bytes asked for today, by region and file. */
  private readonly bytes: Float64Array[];

  constructor(regions: number) {
    this.asked = Array.from({ length: regions }, () => new Float64Array(64));
    this.bytes = Array.from({ length: regions }, () => new Float64Array(0));
  }

  of(file: number): HolderClass {
    return this.classes[this.classOf[file] ?? 0] ?? { known: 0, actual: 0 };
  }

  /** A new day's demand: for each region, bytes by file. */
  ask(bytes: readonly Float64Array[]): void {
    for (const [region, row] of bytes.entries()) {
      this.bytes[region] = row;
      const asked = new Float64Array(Math.max(64, this.classes.length));
      for (let file = 0; file < row.length; file++) {
        const at = this.classOf[file] ?? 0;
        asked[at] = (asked[at] ?? 0) + (row[file] ?? 0);
      }
      this.asked[region] = asked;
    }
  }

  set(file: number, known: number, actual: number): void {
    const before = this.classOf[file] ?? 0;
    const found = this.classes[before];
    if (found?.known === known && found.actual === actual) return;
    const after = this.numberOf(known, actual);
    this.classOf[file] = after;
    for (const [region, asked] of this.asked.entries()) {
      const bytes = this.bytes[region]?.[file] ?? 0;
      asked[before] = (asked[before] ?? 0) - bytes;
      asked[after] = (asked[after] ?? 0) + bytes;
    }
  }

  private numberOf(known: number, actual: number): number {
    const key = known * shift + actual;
    const found = this.numbers.get(key);
    if (found !== undefined) return found;
    const number = this.classes.length;
    this.classes.push({ known, actual });
    this.numbers.set(key, number);
    for (const [region, asked] of this.asked.entries()) {
      if (asked.length > number) continue;
      const larger = new Float64Array(2 * asked.length);
      larger.set(asked);
      this.asked[region] = larger;
    }
    return number;
  }
}

export function bitsOf(mask: number): number[] {
  const bits: number[] = [];
  for (let i = 0; i < 26; i++) if ((mask & (1 << i)) !== 0) bits.push(i);
  return bits;
}
