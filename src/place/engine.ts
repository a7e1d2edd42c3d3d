// The nightly plan: which box stores what. Head files everywhere (head.ts); the rest in bands whose weights meet every
// box's storage and throughput at once (split.ts, many-bands.ts), drawn per title (draw.ts), never beyond a box's room.
import { defaultsOf } from "#config/setting.ts";
import type { PlacementPlan } from "#model/placement.ts";
import { sideWeights } from "./allocation.ts";
import { type Banding, type BandingOrder, placeBelowHead } from "./banding.ts";
import { type ColumnOrder, type FileColumns, numbered, usableBoxes } from "./columns.ts";
import { explainer } from "./explain.ts";
import { chooseHead, type Head, hot, hotPart } from "./head.ts";
import { predicted } from "./outcome.ts";
import { noPast, pastOf } from "./past.ts";
import { rank } from "./ranked.ts";
import { type PlaceSettings, placeSettings } from "./settings.ts";
import { byText, copiesFault, countable, epochFault, noBox, serverFault } from "./stock.ts";
import { theoryOf } from "./theory.ts";

export interface PlannedColumns {
  /** The plan but for its files. */
  readonly summary: Omit<PlacementPlan, "assignment" | "head">;
  /** File numbers in density order. */
  readonly densest: Uint32Array;
  /** By file 0: hole; 1: head, held by all of `everywhere`; 2 + b: band b, the densest being band 0. */
  readonly band: Uint8Array;
  /** Bands before this number count as popular. */
  readonly popularBands: number;
  /** Holders of file i are `boxes[starts[i]]` up to before `boxes[starts[i + 1]]`; of a head file none are listed. */
  readonly starts: Uint32Array;
  /** Numbers in the order's list of servers. */
  readonly boxes: Uint16Array;
  readonly everywhere: Uint16Array;
  /** Why a file lies where it lies, in a sentence with the numbers that decided. */
  readonly because: (file: number) => string;
}

export type ColumnPlanning =
  | { readonly kind: "planned"; readonly plan: PlannedColumns }
  | { readonly kind: "refused"; readonly because: string };

/** Plans one cluster. The same order gives the same plan, in whatever order its servers and files come. */
export function planColumns(
  order: ColumnOrder,
  settings: PlaceSettings = defaultsOf(placeSettings),
): ColumnPlanning {
  const fault =
    serverFault(order.servers) ??
    columnFault(order.files) ??
    copiesFault(order.minCopies) ??
    epochFault(order.epoch, order.previous?.epoch);
  if (fault !== undefined) return { kind: "refused", because: fault };
  const boxes = usableBoxes(order.servers, settings.headroomPercent);
  if (boxes.count === 0) {
    return { kind: "refused", because: noBox };
  }
  const ranked = rank(order.files);
  const past = pastOf(order, ranked, boxes);
  const wasHead = (at: number): boolean => past.bandCode(at) === 1;
  const head = chooseHead({ ranked, boxes, minCopies: order.minCopies, settings, wasHead });
  const given = { order, settings, boxes, ranked, head, past };
  return { kind: "planned", plan: described(withFittingHead(given)) };
}

type Settled = { readonly given: BandingOrder; readonly banding: Banding };

/**
 * A head grown into spare room is taken back to its hot files when the rest turns out not to fit beside it. Whether it
 * fits is asked without yesterday's plan, so that yesterday's answer to the same question is today's.
 */
function withFittingHead(given: BandingOrder): Settled {
  const { head, order, boxes, ranked } = given;
  const grown = head.why.some((why) => why !== 0 && why !== hot);
  if (!grown) return { given, banding: placeBelowHead(given) };
  const fresh = placeBelowHead({ ...given, past: noPast });
  const wanted = Math.min(order.minCopies, boxes.count);
  const largest = boxes.room.reduce((a, b) => Math.max(a, b));
  const fits = ranked.size.every(
    (size, at) => size > largest || head.why[at] !== 0 || (fresh.seats.copies[at] ?? 0) >= wanted,
  );
  const chosen: Head = fits ? head : hotPart(head, ranked);
  const settled = { ...given, head: chosen };
  if (fits && order.previous === undefined) return { given: settled, banding: fresh };
  return { given: settled, banding: placeBelowHead(settled) };
}

function described(settled: Settled): PlannedColumns {
  const { given, banding } = settled;
  const { order, boxes } = given;
  const { allocation } = banding;
  const everywhere = boxes.serverOf;
  const sorted = order.servers
    .map((server, number) => ({ id: server.id, box: boxes.boxOf[number] ?? boxes.count }))
    .sort((a, b) => byText(a.id, b.id));
  const [alpha, beta] = [sideWeights(allocation, "popular"), sideWeights(allocation, "tail")];
  const columns = fileColumns(settled);
  return {
    summary: {
      cutoff: allocation.cutoff,
      weights: sorted.map(({ id, box }) => ({ serverId: id, alpha: alpha[box] ?? 0, beta: beta[box] ?? 0 })),
      lambda: allocation.lambda,
      predicted: predicted(given, banding, sorted),
      theory: theoryOf(given, banding, sorted),
    },
    densest: given.ranked.file,
    ...columns,
    popularBands: allocation.popularBands,
    everywhere,
    because: explainer(given, banding),
  };
}

/** From ranks to the order's own numbers. */
function fileColumns({ given, banding }: Settled): Pick<PlannedColumns, "band" | "starts" | "boxes"> {
  const { ranked, head, boxes } = given;
  const { seats, drawn } = banding;
  const { count, file } = ranked;
  const band = new Uint8Array(count);
  const starts = new Uint32Array(count + 1);
  for (let at = 0; at < count; at++) {
    const number = file[at] ?? 0;
    const copies = seats.copies[at] ?? 0;
    starts[number + 1] = copies;
    if (head.why[at] !== 0) band[number] = 1;
    else if (copies > 0) band[number] = 2 + (drawn.band[at] ?? 0);
  }
  for (let i = 0; i < count; i++) starts[i + 1] = (starts[i + 1] ?? 0) + (starts[i] ?? 0);
  const holders = new Uint16Array(seats.used);
  for (let at = 0; at < count; at++) {
    let place = starts[file[at] ?? 0] ?? 0;
    for (let entry = seats.first[at] ?? -1; entry >= 0; entry = seats.next[entry] ?? -1) {
      holders[place++] = boxes.serverOf[seats.box[entry] ?? 0] ?? 0;
    }
  }
  return { band, starts, boxes: holders };
}

function columnFault(files: FileColumns): string | undefined {
  for (let i = 0; i < files.count; i++) {
    const [size, plays] = [files.sizeBytes[i] ?? Number.NaN, files.playsPerDay[i] ?? Number.NaN];
    if (!countable(size)) return `file number ${i}: sizeBytes is ${size}`;
    if (!countable(plays)) return `file number ${i}: playsPerDay is ${plays}`;
  }
  const { count } = files;
  if (files.titleHash.length !== 2 * count || files.fileHash.length !== 2 * count) {
    return `${count} files have ${files.titleHash.length / 2} title hashes and ${files.fileHash.length / 2} of their own`;
  }
  return numbered(files.fileHash).count < count ? "two files have the same hash" : undefined;
}
