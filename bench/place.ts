// Claim: on clusters of unlike boxes the plan reaches nearly all that any placement could, which no simple hashing does even
// when it is given the plan's own replicated head; and it is made in seconds for a large catalogue.
import type { BenchResult } from "./bench.ts";
import { balance } from "./place-balance.ts";
import { barsText } from "./place-bars.ts";
import { scale } from "./place-scale.ts";
import { markdown } from "./play-figures.ts";

/** balance: capacity and holes beside baselines and the bound. scale: time, memory, fidelity, moves. Both unless named. */
export const parts = ["balance", "scale"];

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const does = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  const sections = [...(does("balance") ? balance(quick) : []), ...(does("scale") ? scale(quick) : [])];
  const bars = sections.flatMap((section) => section.bars);
  return {
    claim:
      "effective capacity and holes of the plan, beside baselines with the same head and the bound of any placement",
    rows: [...sections.flatMap((section) => section.rows), ...bars],
    text: [
      ...sections.map(({ title, shown }) => `${title}\n\n${markdown(shown)}\n`),
      `Bars\n\n${barsText(bars)}`,
    ].join("\n"),
    notes: [
      "All input is synthetic and seeded: sizes lognormal, plays by Zipf's law, demand as forecast; steering is taken to " +
        "divide a file's traffic over its holders exactly.",
      ...sections.flatMap((section) => section.notes),
    ],
  };
}
