// The nightly plan: which box stores what. Head files everywhere (head.ts); the rest in two bands whose weights meet
// every box's storage and throughput at once (split.ts), drawn per title (rendezvous.ts), never beyond a box's room.
import { defaultsOf } from "#config/setting.ts";
import type { FileDemand, PlacedFile, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { applianceId } from "#units/id.ts";
import { admit } from "./assign.ts";
import { type Banded, placeBands } from "./bands.ts";
import { becauseFull, becauseHot, becauseRoom, becauseTooLarge } from "./because.ts";
import { cheapestCutoff } from "./curve.ts";
import { chooseHead, type HeadFile } from "./head.ts";
import { predict } from "./predict.ts";
import { type PlaceSettings, placeSettings } from "./settings.ts";
import { type Box, byText, type StockFile, takeStock } from "./stock.ts";
import { drawnCurve } from "./theory.ts";

export interface PlanOrder {
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly minCopies: number;
  /** Yesterday's plan: what is held stays where the numbers allow. */
  readonly previous?: PreviousPlan | undefined;
}

export interface PreviousPlan {
  readonly cutoff: number;
  /** Boxes of each file, in the plan's order. */
  readonly assignment: Readonly<Record<string, readonly string[]>>;
}

export type Planning =
  | { readonly kind: "planned"; readonly plan: PlacementPlan }
  | { readonly kind: "refused"; readonly because: string };

/** Plans one cluster. The same order gives the same plan, in whatever order its lists come. */
export function plan(order: PlanOrder, settings: PlaceSettings = defaultsOf(placeSettings)): Planning {
  const stock = takeStock({ ...order, headroomPercent: settings.headroomPercent });
  if (stock.kind === "refused") return stock;
  const { boxes, files } = stock;
  const previous = new Map(Object.entries(order.previous?.assignment ?? {}));
  const largest = Math.max(...boxes.map((box) => box.room));
  const storable = files.filter((file) => file.sizeBytes <= largest);

  const given = { boxes, storable, previous, order, settings };
  const { head, banded } = fillWithHead(given, chooseHead(storable, boxes, order.minCopies, settings));

  const placed = new Map(banded.placed.map((file) => [file.fileId, file]));
  for (const chosen of head) {
    placed.set(chosen.file.id, headFile(chosen, boxes, stock.traffic, order.minCopies));
  }
  const stored = files.filter((file) => (placed.get(file.id)?.serverIds.length ?? 0) > 0);
  const storedBytes = stored.reduce((sum, file) => sum + file.sizeBytes, 0);
  const assignment = files.map((file) => placed.get(file.id) ?? hole(file, largest, storedBytes));
  return { kind: "planned", plan: describe({ order, files, boxes, banded, assignment, previous }) };
}

interface Given {
  readonly boxes: readonly Box[];
  readonly storable: readonly StockFile[];
  readonly previous: ReadonlyMap<string, readonly string[]>;
  readonly order: PlanOrder;
  readonly settings: PlaceSettings;
}

/**
 * A head grown into spare room is taken back to its hot files when the rest turns out not to fit beside it. Whether it
 * fits is asked without yesterday's plan, so that yesterday's answer to the same question is today's.
 */
function fillWithHead(
  given: Given,
  head: readonly HeadFile[],
): { readonly head: readonly HeadFile[]; readonly banded: Banded } {
  const hot = head.filter(({ why }) => why === "hot");
  if (hot.length === head.length) return { head, banded: placeRest(given, head) };
  const wanted = Math.min(given.order.minCopies, given.boxes.length);
  const order = { ...given.order, previous: undefined };
  const fresh = placeRest({ ...given, order, previous: new Map() }, head);
  const fits = fresh.placed.every((file) => file.serverIds.length >= wanted);
  const chosen = fits ? head : hot;
  return { head: chosen, banded: placeRest(given, chosen) };
}

function placeRest(given: Given, head: readonly HeadFile[]): Banded {
  const { boxes, storable, previous, order, settings } = given;
  const headIds = new Set(head.map(({ file }) => file.id));
  const headBytes = head.reduce((sum, { file }) => sum + file.sizeBytes, 0);
  const room = boxes.map((box) => box.room - headBytes);
  const rest = storable.filter((file) => !headIds.has(file.id));
  const admitted = admit({
    files: rest,
    room,
    held: (fileId) => (previous.get(fileId) ?? []).length > 0,
    heldBonus: settings.heldBonusPercent / 100,
  });
  const residual = {
    boxes,
    room,
    files: rest.filter((file) => admitted.has(file.id)),
    headTraffic: head.reduce((sum, { file }) => sum + file.traffic, 0),
    minCopies: order.minCopies,
    previous,
    previousCutoff: order.previous?.cutoff,
  };
  return placeBands(residual, settings);
}

function headFile(chosen: HeadFile, boxes: readonly Box[], traffic: number, minCopies: number): PlacedFile {
  const percent = traffic > 0 ? (100 * chosen.file.traffic) / traffic : 0;
  return {
    fileId: chosen.file.id,
    band: "head",
    serverIds: boxes.map((box) => applianceId(box.id)),
    because: chosen.why === "hot" ? becauseHot(percent, boxes.length) : becauseRoom(boxes.length, minCopies),
  };
}

function hole(file: StockFile, largest: number, storedBytes: number): PlacedFile {
  const because =
    file.sizeBytes > largest
      ? becauseTooLarge(file.sizeBytes, largest)
      : becauseFull(file.plays, storedBytes);
  return { fileId: file.id, band: "hole", serverIds: [], because };
}

function describe(given: {
  readonly order: PlanOrder;
  readonly files: readonly StockFile[];
  readonly boxes: readonly Box[];
  readonly banded: Banded;
  readonly assignment: readonly PlacedFile[];
  readonly previous: ReadonlyMap<string, readonly string[]>;
}): PlacementPlan {
  const { order, files, boxes, banded, assignment, previous } = given;
  const servers = order.servers.toSorted((a, b) => byText(a.id, b.id));
  const holders = new Map(assignment.map((file) => [file.fileId, file.serverIds]));
  const { split } = banded;
  const weight = (values: readonly number[], serverId: string): number =>
    values[boxes.findIndex((box) => box.id === serverId)] ?? 0;
  return {
    cutoff: split.cutoff,
    weights: servers.map(({ id }) => ({
      serverId: id,
      alpha: weight(split.alpha, id),
      beta: weight(split.beta, id),
    })),
    lambda: split.lambda,
    head: assignment.flatMap((file) => (file.band === "head" ? [file.fileId] : [])),
    assignment,
    theory: {
      method: split.alpha.every((alpha, i) => alpha === split.beta[i]) ? "one-band" : "two-bands",
      curve: drawnCurve(banded.curve),
      feasible: banded.feasible,
      cheapest: cheapestCutoff(banded.curve),
      bands: [
        { from: 0, to: split.cutoff, weights: servers.map(({ id }) => weight(split.alpha, id)) },
        { from: split.cutoff, to: 1, weights: servers.map(({ id }) => weight(split.beta, id)) },
      ],
      headTraffic: headTraffic(files, assignment),
      copies: banded.copies,
    },
    predicted: predict({
      servers,
      holdings: files.map((file) => ({ file, serverIds: holders.get(file.id) ?? [] })),
      previous,
    }),
  };
}

/** Share of all traffic that files held everywhere carry. */
function headTraffic(files: readonly StockFile[], assignment: readonly PlacedFile[]): number {
  const sent = files.reduce((sum, file) => sum + file.traffic, 0);
  const head = files.reduce((sum, file, i) => sum + (assignment[i]?.band === "head" ? file.traffic : 0), 0);
  return sent > 0 ? head / sent : 0;
}
