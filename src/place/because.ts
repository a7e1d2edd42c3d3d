// Why a file lies where it lies, in a sentence with the numbers that decided.

export interface Reason {
  readonly band: "popular" | "tail";
  readonly depth: number;
  readonly cutoff: number;
  /** It lies on the other side of the cutoff but stays with the boxes that hold it. */
  readonly stayed: boolean;
  readonly copies: number;
  readonly minCopies: number;
  readonly first: { readonly serverId: string; readonly weight: number };
  readonly spilledFrom: string | undefined;
}

export function becauseBand(reason: Reason): string {
  const side = reason.band === "popular" ? "popular" : "tail";
  const where = `depth ${fixed(reason.depth)} of the stored bytes, cutoff ${fixed(reason.cutoff)}`;
  const band = reason.stayed ? `${where}: near the cutoff, so it stays ${side}` : `${where}: ${side}`;
  const letter = reason.band === "popular" ? "alpha" : "beta";
  const drawn = `drawn by title, first ${reason.first.serverId} with ${letter} ${fixed(reason.first.weight)}`;
  const spill =
    reason.spilledFrom === undefined ? "" : `; ${reason.spilledFrom} was preferred but had no room left`;
  return `${band}; ${copiesText(reason.copies, reason.minCopies)}, ${drawn}${spill}.`;
}

function copiesText(copies: number, minCopies: number): string {
  const count = copies === 1 ? "1 copy" : `${copies} copies`;
  if (copies < minCopies) return `${count} because there was no room for ${minCopies}`;
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
  return `${megabytes(size)} fit on no box: the most that one may hold is ${megabytes(largest)}.`;
}

export function becauseNoPiece(size: number): string {
  return `More popular files left no box with ${megabytes(size)} free in one piece.`;
}

export function becauseFull(playsPerDay: number, held: number): string {
  return `${fixed(playsPerDay)} plays a day are not enough: ${megabytes(held)} of more popular files fill the boxes.`;
}

function fixed(value: number): string {
  return value >= 10 || Number.isInteger(value) ? `${Math.round(value * 10) / 10}` : value.toFixed(3);
}

function percent(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} %`;
}

function megabytes(value: number): string {
  return `${(value / 1e6).toFixed(1)} MB`;
}
