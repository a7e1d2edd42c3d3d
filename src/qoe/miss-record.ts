// What the miss job says: where the bytes of a minute came from, by the site that they belonged to.

/** Bytes. all = best + content + health + capacity + other + unjoined. Pages and documents take the words from here. */
export const missFigures = {
  all: { name: "Served", unit: "bytes", sentence: "Bytes that access logs say viewers were sent." },
  offloaded: {
    name: "Served by appliances",
    unit: "bytes",
    sentence: "Of these, bytes that did not come from the origin, nor were pulled from it meanwhile.",
  },
  best: {
    name: "From the best tier",
    unit: "bytes",
    sentence:
      "Bytes from an appliance that no other is nearer than, by the network's rules, for this viewer.",
  },
  content: {
    name: "Content misses",
    unit: "bytes",
    sentence: "Bytes from further away because nobody in the best tier held the file.",
  },
  health: {
    name: "Health misses",
    unit: "bytes",
    sentence:
      "Bytes from further away though somebody in the best tier held the file: none of them was well, or admitted.",
  },
  capacity: {
    name: "Health misses for want of room",
    unit: "bytes",
    sentence:
      "Bytes from further away though somebody in the best tier held the file and was well: all of them were full.",
  },
  other: {
    name: "Other misses",
    unit: "bytes",
    sentence:
      "Bytes from further away though somebody in the best tier could have served: the player went elsewhere.",
  },
  unjoined: {
    name: "Not joined",
    unit: "bytes",
    sentence: "Bytes of sessions whose steering decision is not known; they are no part of the shares.",
  },
} as const satisfies Readonly<
  Record<string, { readonly name: string; readonly unit: string; readonly sentence: string }>
>;

export type MissFigure = keyof typeof missFigures;
export type MissFigures = Readonly<Record<MissFigure, number>>;

export const missMeasures = {
  offload: {
    name: "Offload",
    unit: "ratio",
    formula: "offloaded / all",
    sentence: "Share of the bytes that the origin was spared.",
  },
  missRatio: {
    name: "Misses",
    unit: "ratio",
    formula: "(content + health + capacity + other) / (all − unjoined)",
    sentence: "Share of the joined bytes that came from further away than the best tier.",
  },
  missShares: {
    name: "Classes of misses",
    unit: "1/10 000",
    formula: "content, health + capacity, other, each / their sum",
    sentence: "Of all misses, those of each class; together exactly 10 000, or nothing without a miss.",
  },
} as const;

export function noMissFigures(): Record<MissFigure, number> {
  return { all: 0, offloaded: 0, best: 0, content: 0, health: 0, capacity: 0, other: 0, unjoined: 0 };
}

export function addMisses(sum: Record<MissFigure, number>, more: MissFigures): void {
  for (const name of missFigureNames) sum[name] += more[name];
}

const missFigureNames = [
  "all",
  "offloaded",
  "best",
  "content",
  "health",
  "capacity",
  "other",
  "unjoined",
] as const satisfies readonly MissFigure[];

/** A window of one site, or what came too late for it. */
export interface MissRecord extends MissFigures {
  readonly kind: "misses";
  readonly sizeMs: number;
  readonly startMs: number;
  readonly site: string;
  /** Empty for the window itself; of what was late, by whom and with which batch it was told: to be added to the window. */
  readonly late: string;
}
