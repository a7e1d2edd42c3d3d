// What a measuring process is told, and what it answers.
import { spawnSync } from "node:child_process";
import { z } from "zod";

const childOrder = z.strictObject({
  job: z.enum(["plan", "cutoff"]),
  files: z.int().min(1),
  /** Even. */
  servers: z.int().min(2),
});
export type ChildOrder = z.infer<typeof childOrder>;

const figures = z.record(z.string(), z.number());

export type ChildAnswer =
  | { readonly kind: "figures"; readonly figures: Readonly<Record<string, number>> }
  | { readonly kind: "failed"; readonly because: string };

export function readOrder(text: string): ChildOrder {
  return childOrder.parse(JSON.parse(text));
}

/** Runs one to its end. Longer than the limit, or out of memory, is an answer too. */
export function measuredApart(order: ChildOrder, limitS: number): ChildAnswer {
  const argv = ["bench/place-child.ts", JSON.stringify(order)];
  const child = spawnSync(process.execPath, argv, {
    encoding: "utf8",
    timeout: limitS * 1000,
    killSignal: "SIGKILL",
  });
  if (child.error !== undefined) return { kind: "failed", because: `not done within ${limitS} s` };
  if (child.status === 0) return { kind: "figures", figures: figures.parse(JSON.parse(child.stdout)) };
  const isFull = child.stderr.includes("heap out of memory");
  return {
    kind: "failed",
    because: isFull ? "out of memory" : `ended with ${child.signal ?? child.status}`,
  };
}
