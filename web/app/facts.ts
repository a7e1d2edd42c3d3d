// What the title page says about a film, from its card alone.
import type { ToWatch } from "#web/addresses.ts";
import { toWatch } from "#web/addresses.ts";
import { digits, formatClock, formatLength } from "#web/format.ts";
import type { WatchFrom } from "#web/watch-from.ts";
import type { TitleCard } from "#wire/viewer.ts";

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Only what was measured: a title without a baseline gets no line about saved bits. */
export function factsOf(card: TitleCard): readonly Fact[] {
  const facts: Fact[] = [
    { name: "Length", value: formatLength(card.durationMs) },
    { name: "Up to", value: `${card.height}p` },
  ];
  if (card.rungs !== undefined) facts.push({ name: "Rungs", value: String(card.rungs) });
  if (card.shots > 0) facts.push({ name: "Shots", value: card.shots.toLocaleString("en") });
  if (card.bitsSavedPercent !== null) {
    const more = card.bitsSavedPercent < 0;
    facts.push({
      name: more ? "More bits than one CRF at every height" : "Bits saved against one CRF at every height",
      value: `${digits(Math.abs(card.bitsSavedPercent))} %`,
    });
  }
  return facts;
}

/** "Play", or "Resume at 3:07" where there is something to resume: not the first or the last few seconds. */
export function playWords(card: TitleCard): string {
  return isBegun(card) ? `Resume at ${formatClock(card.resume?.positionMs ?? 0)}` : "Play";
}

/** What the play button means: where it says "Resume", the player need not ask again. */
export function playRoute(card: TitleCard): ToWatch {
  return toWatch(card.id, isBegun(card) ? "resume" : "beginning");
}

/** Milliseconds to begin at; undefined lets the player ask. */
export function startOf(card: TitleCard, from: WatchFrom): number | undefined {
  if (from === "ask") return undefined;
  return from === "resume" && isBegun(card) ? card.resume?.positionMs : 0;
}

/** The control plane decides what counts as begun or finished; a point in the first second is only a click. */
export function isBegun(card: TitleCard): boolean {
  return card.resume !== null && card.resume.positionMs >= 1000;
}
