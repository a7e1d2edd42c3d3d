// When the next episode is offered, and how long until it begins by itself.

/** The credits of a short film are short too. Chosen by us. */
const longestOfferMs = 15_000;
const offeredShare = 0.1;

export interface NextMoment {
  readonly positionMs: number;
  readonly durationMs: number;
  readonly ended: boolean;
}

export type NextUp =
  | { readonly kind: "later" }
  | { readonly kind: "offered"; readonly seconds: number }
  | { readonly kind: "due" };

/** In the last 15 s, or the last tenth of a film that is shorter than 150 s. */
export function nextUp({ positionMs, durationMs, ended }: NextMoment): NextUp {
  if (!(durationMs > 0)) return { kind: "later" };
  if (ended) return { kind: "due" };
  const leftMs = durationMs - positionMs;
  if (leftMs > Math.min(longestOfferMs, offeredShare * durationMs)) return { kind: "later" };
  return { kind: "offered", seconds: Math.max(0, Math.ceil(leftMs / 1000)) };
}
