// What is told of a stage while it works: its name when it begins, then at most once a second how far it is.
import { etaSeconds } from "#encode/rungs.ts";
import { leastSeconds } from "./progress.ts";

export type WorkStage = "probing" | "hashing" | "normalising" | "shots" | "sound" | "pictures" | "packaging";

export interface Working {
  readonly stage: WorkStage;
  /** From 0 to 1; undefined where nobody knows. */
  readonly share: number | undefined;
  readonly etaSeconds: number | undefined;
}

export type TellStage = (stage: WorkStage, share?: number) => void;

const leastMs = 1000;

export function stageTeller(
  tell: (working: Working) => void,
  now: () => number = () => performance.now(),
): TellStage {
  let current: { readonly stage: WorkStage; readonly begun: number } | undefined;
  let told = 0;
  return (stage, share) => {
    const at = now();
    if (current?.stage !== stage) current = { stage, begun: at };
    else if (at - told < leastMs) return;
    told = at;
    const elapsed = (at - current.begun) / 1000;
    const isKnown = share !== undefined && (share >= 0.1 || elapsed >= leastSeconds);
    const eta = isKnown ? etaSeconds(share, 1 - share, elapsed) : undefined;
    tell({ stage, share, etaSeconds: eta });
  };
}
