// What the title page says about a film, from its card alone.
import type { ToWatch } from "#web/addresses.ts";
import { toWatch } from "#web/addresses.ts";
import { digits, formatClock } from "#web/format.ts";
import type { NextEpisode } from "#web/player/next-offer.tsx";
import type { WatchFrom } from "#web/watch-from.ts";
import type { Say } from "#web/words/say.ts";
import type { WorkPage } from "#wire/catalog.ts";
import type { TitleCard } from "#wire/viewer.ts";
import { lengthWords } from "./length.ts";
import type { viewerEn } from "./viewer-en.ts";

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Only what was measured: a title without a baseline gets no line about saved bits. */
export function factsOf(card: TitleCard, say: Say<typeof viewerEn>): readonly Fact[] {
  const facts: Fact[] = [
    { name: say("factLength"), value: lengthWords(card.durationMs, say) },
    { name: say("factUpTo"), value: `${card.height}p` },
  ];
  if (card.rungs !== undefined) facts.push({ name: say("factRungs"), value: String(card.rungs) });
  if (card.shots > 0) facts.push({ name: say("factShots"), value: card.shots.toLocaleString("en") });
  if (card.bitsSavedPercent !== null) {
    facts.push({
      name: say(card.bitsSavedPercent < 0 ? "factMore" : "factSaved"),
      value: `${digits(Math.abs(card.bitsSavedPercent))} %`,
    });
  }
  return facts;
}

/** "Play", or "Resume at 3:07" where there is something to resume: not the first or the last few seconds. */
export function playWords(card: Resumable, say: Say<typeof viewerEn>): string {
  return isBegun(card) ? say("resumeAt", { clock: formatClock(card.resume?.positionMs ?? 0) }) : say("play");
}

/** What the play button means: where it says "Resume", the player need not ask again. */
export function playRoute(card: Resumable & Pick<TitleCard, "id">): ToWatch {
  return toWatch(card.id, isBegun(card) ? "resume" : "beginning");
}

/** Milliseconds to begin at; undefined lets the player ask. */
export function startOf(card: Resumable, from: WatchFrom): number | undefined {
  if (from === "ask") return undefined;
  return from === "resume" && isBegun(card) ? card.resume?.positionMs : 0;
}

/** What the player offers when this film ends, and goes to: undefined where nothing comes after. */
export function nextOf(
  work: Pick<WorkPage, "next"> | null,
  watch: (titleId: string) => void,
): NextEpisode | undefined {
  if (work?.next == null) return undefined;
  const { titleId, name, season, episode } = work.next;
  return { name, season, episode, play: () => watch(titleId) };
}

type Resumable = Pick<TitleCard, "resume">;

/** The control plane decides what counts as begun or finished; a point in the first second is only a click. */
export function isBegun(card: Resumable): boolean {
  return card.resume !== null && card.resume.positionMs >= 1000;
}
