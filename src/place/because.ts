// Why a file lies where it lies, in a sentence with the numbers that decided.
import { bytesWords } from "#units/in-words.ts";

export interface Reason {
  readonly side: "popular" | "tail";
  /** Which of more than two bands. */
  readonly bandText: string | undefined;
  readonly depth: number;
  /** Undefined where all files below the head are drawn alike. */
  readonly cutoff: number | undefined;
  /** It lies on the other side of an edge but stays where it was. */
  readonly stayed: boolean;
  /** It kept boxes that held it, whatever its title draws now. */
  readonly kept: boolean;
  readonly copies: number;
  readonly minCopies: number;
  /** Copies that its traffic asked for. */
  readonly hotCopies: number;
  readonly trafficPercent: number;
  readonly first: { readonly serverId: string; readonly weight: number };
  readonly spilledFrom: string | undefined;
}

export function becauseBand(reason: Reason): string {
  const { side, bandText } = reason;
  const letter =
    bandText !== undefined || reason.cutoff === undefined ? "weight" : side === "popular" ? "alpha" : "beta";
  const drawn = `${reason.kept ? "kept where it was held" : "drawn by title"}, first ${reason.first.serverId} with ${letter} ${fixed(reason.first.weight)}`;
  const spill =
    reason.spilledFrom === undefined ? "" : `; ${reason.spilledFrom} was preferred but had no room left`;
  return `${bandWords(reason)}; ${copiesText(reason)}, ${drawn}${spill}.`;
}

function bandWords({ side, bandText, depth, cutoff, stayed }: Reason): string {
  const where = `depth ${fixed(depth)} of the stored bytes`;
  if (cutoff === undefined) return `${where}, no cutoff: all below the head is drawn alike`;
  const name = bandText === undefined ? side : `${side}, ${bandText}`;
  return `${where}, cutoff ${fixed(cutoff)}: ${stayed ? `near the edge, so it stays ${name}` : name}`;
}

function copiesText({ copies, minCopies, hotCopies, trafficPercent }: Reason): string {
  const count = copies === 1 ? "1 copy" : `${copies} copies`;
  if (copies < minCopies) return `${count} because there was no room for ${minCopies}`;
  if (hotCopies > minCopies && copies <= hotCopies) {
    return `${count} because it carries ${percent(trafficPercent)} of all traffic`;
  }
  return copies > minCopies ? `${count} because there was room for more than ${minCopies}` : count;
}

export function becauseHot(trafficPercent: number, boxes: number): string {
  return `${percent(trafficPercent)} of all traffic is too much for few boxes: all ${boxes} hold it, and steering divides it.`;
}

export function becauseRoom(boxes: number, minCopies: number): string {
  return boxes === 1
    ? "The one box has room for it."
    : `There is room: all ${boxes} boxes hold it, and everything else still has ${Math.min(minCopies, boxes)} ${Math.min(minCopies, boxes) === 1 ? "copy" : "copies"}.`;
}

export function becauseTooLarge(size: number, largest: number): string {
  return `${bytesWords(size)} fit on no box: the most that one may hold is ${bytesWords(largest)}.`;
}

export function becauseNoPiece(size: number): string {
  return `More popular files left no box with ${bytesWords(size)} free in one piece.`;
}

export function becauseFull(playsPerDay: number, held: number): string {
  return `${fixed(playsPerDay)} plays a day are not enough: ${bytesWords(held)} of more popular files fill the boxes.`;
}

function fixed(value: number): string {
  return value >= 10 || Number.isInteger(value) ? `${Math.round(value * 10) / 10}` : value.toFixed(3);
}

function percent(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} %`;
}
