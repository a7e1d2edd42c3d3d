// Claims about the encoder. `npm run bench -- encode` measures all parts, `-- encode --shots` that one.
import type { BenchResult } from "./bench.ts";
import { benchLadder } from "./encode-ladder.ts";
import { benchPrice } from "./encode-price.ts";
import { benchShots } from "./encode-shots.ts";

const known: Readonly<Record<string, (quick: boolean) => Promise<BenchResult>>> = {
  shots: benchShots,
  ladder: benchLadder,
  price: benchPrice,
};

export const parts: readonly string[] = Object.keys(known);

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const results: BenchResult[] = [];
  for (const [name, measure] of Object.entries(known)) {
    if (wanted.length === 0 || wanted.includes(name)) results.push(await measure(quick));
  }
  return {
    claim: results.map(({ claim }) => claim).join("; "),
    rows: results.flatMap(({ rows }) => rows),
    notes: results.flatMap(({ notes = [] }) => notes),
  };
}
