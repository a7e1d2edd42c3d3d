// Time and memory of large plans, each in a process of its own, and the answers of place-draws.ts.
import { median } from "./bench.ts";
import { atMost, type Result, rounded, type Section } from "./place-bars.ts";
import { fidelityOf, joins } from "./place-draws.ts";
import { type ChildOrder, measuredApart } from "./place-order.ts";

export function scale(quick: boolean): readonly Section[] {
  const sizes: readonly (ChildOrder & { runs: number; limitS: number; barMs: number })[] = quick
    ? [
        { job: "plan", files: 100_000, servers: 16, runs: 1, limitS: 20, barMs: 100 },
        { job: "cutoff", files: 100_000, servers: 16, runs: 1, limitS: 20, barMs: 50 },
      ]
    : [
        { job: "plan", files: 1_000_000, servers: 16, runs: 3, limitS: 60, barMs: 1000 },
        { job: "plan", files: 1_000_000, servers: 1000, runs: 3, limitS: 90, barMs: 30_000 },
        { job: "cutoff", files: 1_000_000, servers: 16, runs: 3, limitS: 60, barMs: 50 },
      ];
  const timed = sizes.map(({ runs, limitS, barMs, ...order }) => largePlan(order, runs, limitS, barMs));
  const fidelity = [1, 2].map((copies) => fidelityOf(quick ? 50_000 : 400_000, copies));
  const moved = joins(quick ? 10_000 : 100_000);
  return [
    section("Time and memory of a fresh process", timed, [
      "own ms: less what other programs took of the processor meanwhile; the bars are about these. Peak MiB is the whole process, " +
        "of which input MiB was there before planning began.",
    ]),
    section(
      "Share of files drawn by each box ÷ its weight, eight boxes of weights 1 : 2 : … : 8",
      fidelity,
      [],
    ),
    section("Bytes that move when a box joins or leaves, ÷ the least", moved, [
      "first boxes: files whose first box changed, ÷ the new box's files (equal boxes), or ÷ what two such pairs of weights must " +
        "move at least (unlike boxes). all fetches: every byte that some box must fetch, copies that only fill spare room " +
        "included, ÷ the bytes that the new box holds or held.",
    ]),
  ];
}

function section(title: string, results: readonly Result[], notes: readonly string[]): Section {
  const rows = results.map(({ row }) => row);
  return { title, rows, shown: rows, bars: results.flatMap(({ bars }) => bars), notes };
}

function largePlan(order: ChildOrder, runs: number, limitS: number, barMs: number): Result {
  const what = `${order.job}, ${order.files.toLocaleString("en")} files × ${order.servers} servers`;
  const done: Readonly<Record<string, number>>[] = [];
  for (let i = 0; i < runs; i++) {
    const answer = measuredApart(order, limitS);
    if (answer.kind === "failed") {
      const { because } = answer;
      return { row: { what, because }, bars: [atMost(what, barMs, undefined, "ms", because)] };
    }
    done.push(answer.figures);
  }
  const names = Object.keys(done[0] ?? {});
  const middle = Object.fromEntries(names.map((name) => [name, median(done.map((one) => one[name] ?? 0))]));
  const spread = done
    .map(({ ownMs = 0 }) => ownMs)
    .sort((a, b) => a - b)
    .map((ms) => ms.toFixed(0))
    .join(" ");
  return {
    row: { what, runs, ...rounded(middle), "own ms, each": spread },
    bars: [atMost(what, barMs, middle.ownMs, "ms")],
  };
}
