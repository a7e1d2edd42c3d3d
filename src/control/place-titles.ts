// Plans what every appliance should hold: from the catalogue, what was played, and the plan in force.
import type { Values } from "#config/setting.ts";
import type { StoredTitle } from "#data/ports.ts";
import { fileId } from "#model/package.ts";
import type { FileDemand, PlacementPlan } from "#model/placement.ts";
import { type DemandHistory, type FileHistory, forecastDemand, type TitleHistory } from "#place/demand.ts";
import { type Planning, plan } from "#place/plan.ts";
import { priorShares } from "#place/popularity.ts";
import type { placeSettings } from "#place/settings.ts";
import type { Network } from "./network.ts";
import type { ControlPorts } from "./ports.ts";

export interface PlanInForce {
  /** 0 before the first plan. */
  readonly epoch: number;
  readonly createdAtMs: number;
  readonly plan: PlacementPlan;
}

export type Replanning =
  | { readonly kind: "planned"; readonly inForce: PlanInForce; readonly changed: boolean }
  | { readonly kind: "refused"; readonly because: string };

const dayMs = 86_400_000;
/** Four whole weeks, for what weekdays differ by. With a half-life of three days the earlier ones say nothing else. */
const historyDays = 28;
/** All viewers are one region: plays are counted by title alone, and one plan covers all sites. */
const everywhere = "everywhere";

/** Plans anew; a plan equal to the one in force is not saved again and keeps its epoch. */
export async function replanTitles(order: {
  readonly ports: Pick<ControlPorts, "stores">;
  readonly network: Network;
  readonly settings: Values<typeof placeSettings>;
  readonly nowMs: number;
}): Promise<Replanning> {
  const { stores } = order.ports;
  const titles = await stores.catalog.titles();
  const history = await playHistory(order.ports, titles, order.nowMs);
  const { files } = forecastDemand(history, history.firstDay + historyDays, order.settings);
  const before = await stores.plans.latest();
  const planning = planned(order.network, files, before?.plan, order.settings);
  if (planning.kind === "refused") return planning;
  await stores.plans.setPopularity(files.map((file) => ({ fileId: file.id, playsPerDay: file.playsPerDay })));
  if (before !== undefined && sameHolding(before.plan, planning.plan)) {
    return { kind: "planned", inForce: before, changed: false };
  }
  const { epoch } = await stores.plans.save(planning.plan, order.nowMs);
  const inForce = { epoch, createdAtMs: order.nowMs, plan: planning.plan };
  return { kind: "planned", inForce, changed: true };
}

function planned(
  network: Network,
  files: readonly FileDemand[],
  before: PlacementPlan | undefined,
  settings: Values<typeof placeSettings>,
): Planning {
  const servers = [...network.appliances.values()].map((box) => ({
    id: box.id,
    siteId: box.siteId,
    storageBytes: box.storage,
    throughputBps: box.throughput,
  }));
  const previous =
    before === undefined ? undefined : { cutoff: before.cutoff, assignment: holdersOf(before) };
  return plan({ servers, files, minCopies: settings.minCopies, previous }, settings);
}

function holdersOf(plan: PlacementPlan): Record<string, readonly string[]> {
  return Object.fromEntries(plan.assignment.map((file) => [file.fileId, file.serverIds]));
}

function sameHolding(a: PlacementPlan, b: PlacementPlan): boolean {
  const text = (plan: PlacementPlan): string => {
    const files = plan.assignment.map(
      (file) => `${file.fileId}:${file.band}:${[...file.serverIds].sort().join(",")}`,
    );
    return `${plan.cutoff}|${files.sort().join("|")}`;
  };
  return text(a) === text(b);
}

/**
 * Plays of the last days in whole windows of 24 hours that end now; days before a title was published do not count. A
 * window is numbered as the day it begins on, so the day that is forecast is the one that begins now.
 */
async function playHistory(
  ports: Pick<ControlPorts, "stores">,
  titles: readonly StoredTitle[],
  nowMs: number,
): Promise<DemandHistory> {
  const since: ReadonlyMap<string, number>[] = [];
  for (let day = 0; day <= historyDays; day++) {
    const counts = await ports.stores.playback.playCounts(nowMs - day * dayMs);
    since.push(new Map(counts.map((row) => [row.titleId, row.plays])));
  }
  const today = Math.floor(nowMs / dayMs);
  return {
    firstDay: today - historyDays,
    regions: [{ id: everywhere, siteIds: [], weight: 1 }],
    titles: titles.map(
      (title): TitleHistory => ({
        titleId: title.id,
        availableFrom: today - Math.max(0, Math.floor((nowMs - title.publishedAtMs) / dayMs)),
        plays: { [everywhere]: dailyPlays(title, since, nowMs) },
        files: filesOf(title),
      }),
    ),
    events: [],
    launchPlays: {},
  };
}

function dailyPlays(
  title: StoredTitle,
  since: readonly ReadonlyMap<string, number>[],
  nowMs: number,
): readonly (number | undefined)[] {
  const days = Array.from({ length: historyDays }, (_, index) => historyDays - index);
  return days.map((day) => {
    if (nowMs - day * dayMs < title.publishedAtMs) return undefined;
    return (since[day]?.get(title.id) ?? 0) - (since[day - 1]?.get(title.id) ?? 0);
  });
}

function filesOf(title: StoredTitle): readonly FileHistory[] {
  const shares = priorShares(title.package.renditions);
  return title.package.renditions.map((rendition) => ({
    id: fileId(title.id, rendition.id),
    sizeBytes: rendition.bytes,
    share: shares.get(rendition.id) ?? 1,
  }));
}
