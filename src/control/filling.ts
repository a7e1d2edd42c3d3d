// An agent's report and the state that it is answered with: joins the fill plan with the fleet, the routes and the shelf.
import type { Denial } from "#model/denial.ts";
import { type BoxMemory, heardFrom, nothingKnown, ownBox, toldTo } from "#place/fill-memory.ts";
import { type BoxFill, fillOf } from "#place/fill-plan.ts";
import type { PlaceSettings } from "#place/settings.ts";
import type { ApplianceReport, DesiredState } from "#wire/appliance.ts";
import { fillRulesOf, wantedBy } from "./desired.ts";
import { type FillGround, fillWorldOf, waysTo } from "./fill-network.ts";
import type { Shelf } from "./fill-shelf.ts";
import { baseUrlOf, type Fleet } from "./fleet.ts";
import type { Network, PlacedAppliance } from "./network.ts";
import { type Told, tell } from "./telling.ts";

/** What is kept of one appliance between its reports; lost with the control plane, and learnt again. */
export interface FillBook {
  readonly told: Told | undefined;
  readonly memory: BoxMemory;
  /** By which it was planned last. */
  readonly shelf: Shelf | undefined;
  readonly tonight: Tonight | undefined;
  /** From what else it was planned last. */
  readonly ground?: RestingGround | undefined;
  /** On the monotonic clock; until then it is not planned anew for what other appliances did. */
  readonly restsUntilMs: number;
}

/** What an appliance hears of at once when it changes. */
interface RestingGround {
  readonly network: Network;
  readonly settings: PlaceSettings;
  /** Keys, experiment, drill and denials. */
  readonly rest: string;
}

/** For operators. */
export interface Tonight {
  readonly deferredFiles: number;
  readonly deferredBytes: number;
  readonly keptFiles: number;
  readonly urgentFiles: number;
  readonly mastersOf: number;
}

export interface Exchange {
  readonly book: FillBook;
  /** Null when the agent has it. */
  readonly desired: DesiredState | null;
  readonly gaveWay: BoxFill["gaveWay"];
}

export interface ExchangeOrder {
  readonly ground: Omit<FillGround, "memoryOf">;
  readonly books: ReadonlyMap<string, FillBook>;
  readonly appliance: PlacedAppliance;
  /** Already folded into the fleet. */
  readonly report: ApplianceReport;
  readonly keys: DesiredState["keys"];
  readonly broken: DesiredState["broken"];
  readonly killed?: DesiredState["killed"];
  readonly denied: readonly Denial[];
}

export function answerReport(order: ExchangeOrder): Exchange {
  const { appliance, report, books } = order;
  const { fleet, network, shelf, settings, now } = order.ground;
  const before = books.get(appliance.id);
  const memory = remember(before, order);
  const resting = restingGroundOf(order);
  if (before !== undefined && mayRest(before, resting, order)) {
    return { book: { ...before, memory }, desired: null, gaveWay: [] };
  }
  const memories = (id: string): BoxMemory | undefined =>
    id === appliance.id ? memory : memoryIn(books.get(id), shelf);
  const ground: FillGround = { ...order.ground, memoryOf: memories };
  const fill = planFill(ground, appliance, memory);
  const wanted = wantedBy({
    ...{ fill, shelf, rules: fillRulesOf(appliance, settings) },
    baseUrlOf: addresses(fleet, network),
    ...{ keys: order.keys, broken: order.broken, killed: order.killed, denied: order.denied },
  });
  const { told, isNews } = tell({
    ...{ before: before?.told, wanted, fill, owned: memory.owned },
    storageBytes: report.disk.budgetBytes,
    reportedEpoch: report.desiredEpoch,
    newsMs: settings.fillNewsMs,
    monoMs: now.monoMs,
  });
  const after = told === before?.told ? memory : toldTo(memory, fill.items);
  const deferred = new Set(fill.deferred.map(({ id }) => id));
  const { night, progress, gaveWay } = fill;
  const book = {
    ...{ told, memory: { ...after, night, progress, deferred }, shelf, tonight: tonightOf(fill) },
    ...{ ground: resting, restsUntilMs: 0 },
  };
  const desired = isNews ? { epoch: told.epoch, ...wanted.content } : null;
  return { book, desired, gaveWay };
}

/** All planning of fills together takes at most one part in so many of the time. Chosen by us. */
const restShare = 2;

/** So that a thousand appliances, however often they report, do not take all of the control plane's time. */
export function rested(
  book: FillBook,
  spent: { readonly beganMs: number; readonly endedMs: number; readonly appliances: number },
): FillBook {
  if (book.restsUntilMs > spent.beganMs) return book;
  const { beganMs, endedMs, appliances } = spent;
  return { ...book, restsUntilMs: endedMs + (endedMs - beganMs) * appliances * restShare };
}

function restingGroundOf({ ground, keys, broken, killed, denied }: ExchangeOrder): RestingGround {
  const { network, settings } = ground;
  return { network, settings, rest: JSON.stringify([keys, broken ?? null, killed ?? null, denied]) };
}

/** It follows what it was told, and nothing changed but what appliances hold. */
function mayRest(before: FillBook, resting: RestingGround, { report, ground }: ExchangeOrder): boolean {
  return (
    ground.now.monoMs < before.restsUntilMs &&
    report.desiredEpoch === before.told?.epoch &&
    ground.shelf === before.shelf &&
    ground.network === before.ground?.network &&
    ground.settings === before.ground.settings &&
    resting.rest === before.ground.rest
  );
}

/** Each asked for once: there are few of them, and a file names several. */
function addresses(fleet: Fleet, network: Network): (sourceId: string) => string {
  const known = new Map<string, string>();
  return (id) => {
    const found = known.get(id) ?? baseUrlOf(fleet, network, id);
    known.set(id, found);
    return found;
  };
}

function remember(before: FillBook | undefined, { appliance, report, ground }: ExchangeOrder): BoxMemory {
  const { desiredEpoch } = report;
  const isTold = desiredEpoch !== 0 && desiredEpoch === before?.told?.epoch;
  return heardFrom(before?.memory ?? nothingKnown, {
    verified: ground.fleet.boxes.get(appliance.id)?.verified ?? [],
    follows: desiredEpoch === 0 ? "none" : isTold ? "told" : "other",
    isIdle: report.fill.queued === 0,
  });
}

/** What a box was about under another plan says nothing about this one. */
function memoryIn(book: FillBook | undefined, shelf: Shelf): BoxMemory | undefined {
  if (book === undefined || book.shelf === shelf) return book?.memory;
  return { ...book.memory, progress: "unknown" };
}

function planFill(ground: FillGround, appliance: PlacedAppliance, memory: BoxMemory): BoxFill {
  const { shelf, settings, now } = ground;
  const world = fillWorldOf(ground);
  const seen = world.boxes.get(appliance.id);
  if (seen === undefined)
    throw new Error("cannot happen: a report of an appliance that is not in the network");
  const { role, zone } = appliance;
  const versionOf = (id: string): number | undefined => shelf.files.get(id)?.publishedAtMs;
  return fillOf({
    ...{ world, me: ownBox(seen, memory, versionOf), role, zone, memory, settings },
    wayFrom: waysTo(ground, appliance),
    nowMs: now.wallMs,
  });
}

function tonightOf({ items, deferred }: BoxFill): Tonight {
  const count = (of: (item: BoxFill["items"][number]) => boolean): number => items.filter(of).length;
  return {
    deferredFiles: deferred.length,
    deferredBytes: deferred.reduce((sum, file) => sum + file.sizeBytes, 0),
    keptFiles: count(({ why }) => why === "kept"),
    urgentFiles: count(({ isUrgent }) => isUrgent),
    mastersOf: count(({ isMaster }) => isMaster),
  };
}
