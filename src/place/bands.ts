// The files that only some boxes hold: cutoff and weights for the two bands, then a copy of each on the boxes its title
// drew. What is near the cutoff stays with the boxes that hold it.
import type { PlacedFile } from "#model/placement.ts";
import { applianceId } from "#units/id.ts";
import { assign, type Placed, type Wish } from "./assign.ts";
import { becauseBand, becauseNoPiece } from "./because.ts";
import { type Curve, popularityCurve } from "./curve.ts";
import { type Band, bandOf, draws, preference } from "./rendezvous.ts";
import type { PlaceSettings } from "./settings.ts";
import { normalised, shareOut, trafficTargets } from "./shares.ts";
import { feasibleCutoffs, type Range, type Split, split } from "./split.ts";
import type { Box, StockFile } from "./stock.ts";

export interface Residual {
  readonly boxes: readonly Box[];
  /** What the head left free on each box. */
  readonly room: readonly number[];
  /** Densest first. */
  readonly files: readonly StockFile[];
  /** Bytes a day that head files send. */
  readonly headTraffic: number;
  readonly minCopies: number;
  readonly previous: ReadonlyMap<string, readonly string[]>;
  readonly previousCutoff: number | undefined;
}

export interface Banded {
  readonly split: Split;
  readonly curve: Curve;
  readonly feasible: Range | undefined;
  /** That the draw was made for. */
  readonly copies: number;
  readonly placed: readonly PlacedFile[];
}

interface Choice extends Wish {
  readonly band: "popular" | "tail";
  readonly depth: number;
  readonly stayed: boolean;
}

export function placeBands(residual: Residual, settings: PlaceSettings): Banded {
  const { boxes, files, room } = residual;
  if (files.length === 0) {
    const feasible = { low: 0, high: 1 };
    return { split: nothingToSplit(boxes), curve: popularityCurve([]), feasible, copies: 1, placed: [] };
  }
  const copies = copiesThatFit(residual);
  const storage = normalised(shareOut(1, room, 1 / copies));
  const traffic = trafficTargets({
    storage,
    throughput: normalised(boxes.map((box) => box.throughput)),
    headTraffic: headShare(residual),
    carry: settings.carryPercent / 100,
  });
  const habit = { cutoff: residual.previousCutoff, factor: 1 + settings.cutoffHoldPercent / 100 };
  const curve = popularityCurve(files);
  const cut = split(curve, { storage, traffic }, habit);
  const choices = choose(residual, cut, copies, settings.bandMarginPercent / 100);
  const assigned = assign(choices, room, residual.minCopies);
  const placed = choices.map((choice, i) => report(choice, assigned[i], residual, cut));
  return { split: cut, curve, feasible: feasibleCutoffs(curve, { storage, traffic }), copies, placed };
}

/** Every file is held by every box: the weights only say how large the boxes are. */
function nothingToSplit(boxes: readonly Box[]): Split {
  const size = normalised(boxes.map((box) => box.room));
  return { cutoff: 0, lambda: 0, alpha: size, beta: size };
}

/** How many copies of everything fit, from 1 up to what is wanted. No box holds a file twice. */
function copiesThatFit({ files, room, minCopies }: Residual): number {
  const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const usable = room.reduce((sum, part) => sum + Math.min(part, bytes), 0);
  const fit = bytes > 0 ? Math.floor(usable / bytes) : minCopies;
  return Math.max(1, Math.min(minCopies, room.filter((part) => part > 0).length, fit));
}

function headShare({ files, headTraffic }: Residual): number {
  const rest = files.reduce((sum, file) => sum + file.traffic, 0);
  return headTraffic + rest > 0 ? headTraffic / (headTraffic + rest) : 0;
}

/** Each file's band and the boxes it prefers. Draws are made once per title and band. */
function choose(residual: Residual, cut: Split, copies: number, margin: number): Choice[] {
  const { files, boxes } = residual;
  const serverIds = boxes.map((box) => box.id);
  const popular = drawer(serverIds, bandOf(cut.alpha, copies));
  const tail = drawer(serverIds, bandOf(cut.beta, copies));
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let above = 0;
  return files.map((file) => {
    const depth = total > 0 ? (above + file.sizeBytes / 2) / total : 0;
    above += file.sizeBytes;
    const band = depth <= cut.cutoff ? "popular" : "tail";
    const [own, other] = band === "popular" ? [popular, tail] : [tail, popular];
    const wanted = own(file.titleId);
    const before = boxNumbers(residual.previous.get(file.id) ?? [], serverIds);
    const near = Math.abs(depth - cut.cutoff) <= margin * cut.cutoff;
    const alternative = near ? other(file.titleId) : wanted;
    const stays = near && sameBoxes(alternative, before, copies) && !sameBoxes(wanted, before, copies);
    if (!stays) return { file, preference: wanted, band, depth, stayed: false };
    const rest = alternative.filter((box) => !before.includes(box));
    const kept = band === "popular" ? "tail" : "popular";
    return { file, preference: [...before, ...rest], band: kept, depth, stayed: true };
  });
}

function drawer(serverIds: readonly string[], band: Band): (titleId: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (titleId) => {
    const seen = known.get(titleId);
    if (seen !== undefined) return seen;
    const fresh = preference(draws(titleId, serverIds), band);
    known.set(titleId, fresh);
    return fresh;
  };
}

function boxNumbers(ids: readonly string[], serverIds: readonly string[]): number[] {
  return ids.map((id) => serverIds.indexOf(id)).filter((box) => box >= 0);
}

function sameBoxes(preferred: readonly number[], before: readonly number[], copies: number): boolean {
  return before.length === copies && preferred.slice(0, copies).every((box) => before.includes(box));
}

function report(choice: Choice, placed: Placed | undefined, residual: Residual, cut: Split): PlacedFile {
  const { file, band } = choice;
  const idOf = (box: number): string => residual.boxes[box]?.id ?? "";
  const first = placed?.holders[0];
  if (placed === undefined || first === undefined) {
    return { fileId: file.id, band: "hole", serverIds: [], because: becauseNoPiece(file.sizeBytes) };
  }
  const weights = band === "popular" ? cut.alpha : cut.beta;
  const because = becauseBand({
    band,
    depth: choice.depth,
    cutoff: cut.cutoff,
    stayed: choice.stayed,
    copies: placed.holders.length,
    minCopies: residual.minCopies,
    first: { serverId: idOf(first), weight: weights[first] ?? 0 },
    spilledFrom: placed.spilledFrom === undefined ? undefined : idOf(placed.spilledFrom),
  });
  return { fileId: file.id, band, serverIds: placed.holders.map((box) => applianceId(idOf(box))), because };
}
