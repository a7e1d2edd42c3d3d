// What changed in the installation, from everybody who writes it down, as one list.
import type { AuditRow } from "#data/audit-chain.ts";
import type { WorkVersion } from "#data/ports-catalog.ts";
import type { AuditStore } from "#data/ports-identity.ts";
import type { Experiment } from "#qoe/experiment.ts";
import type { DrillView } from "#wire/drills.ts";
import type { OpsChange } from "#wire/ops-network.ts";
import type { Catalogue } from "./catalogue.ts";
import type { HealthDiary } from "./health-diary.ts";

export interface ChangesKnown {
  readonly plans: readonly {
    readonly epoch: number;
    readonly createdAtMs: number;
    readonly churnBytes: number;
  }[];
  readonly diary: HealthDiary;
  readonly experiments: readonly Experiment[];
  readonly drills: readonly Omit<DrillView, "firstAt">[];
  readonly versions: readonly WorkVersion[];
  readonly catalogue: Pick<Catalogue, "cards">;
  /** Empty for whoever may not read the audit log. */
  readonly orders: readonly AuditRow[];
  /** How an actor of the audit log is called; undefined: as it stands there. */
  readonly nameOf: (actor: string) => string | undefined;
}

/** Viewers' own rows lie between orders: so many are read at once, and so often at most. */
const rowsAtOnce = 600;
const mostReads = 10;

export interface OrdersKnown {
  readonly orders: readonly AuditRow[];
  /** Older rows were not read, though fewer orders than were wanted are among the newer ones; null: nothing is missing. */
  readonly ordersSinceMs: number | null;
}

/** The newest orders, newest first, `most` of them or all that the rows which are read hold. */
export async function newestOrders(audit: Pick<AuditStore, "before">, most: number): Promise<OrdersKnown> {
  const orders: AuditRow[] = [];
  let oldest: AuditRow | undefined;
  for (let reads = 0; reads < mostReads; reads++) {
    const rows = await audit.before(oldest?.seq ?? Number.MAX_SAFE_INTEGER, rowsAtOnce);
    orders.push(...rows.filter(isOrder));
    if (orders.length >= most || rows.length < rowsAtOnce) {
      return { orders: orders.slice(0, most), ordersSinceMs: null };
    }
    oldest = rows.at(-1);
  }
  return { orders, ordersSinceMs: oldest?.atMs ?? null };
}

/** Newest first; of what happened in the same millisecond, in the order of the sources. */
export function changesOf(known: ChangesKnown, limit: number): readonly OpsChange[] {
  const all: readonly OpsChange[] = [
    ...known.orders.map((row) => orderOf(row, known.nameOf)),
    ...known.diary.changes.map((change) => ({ kind: "health" as const, ...change })),
    ...known.experiments.flatMap(experimentChanges),
    ...known.drills.flatMap(drillChanges),
    ...known.plans.map(({ epoch, createdAtMs, churnBytes }) => ({
      kind: "plan" as const,
      ...{ atMs: createdAtMs, epoch, movedBytes: churnBytes },
    })),
    ...known.versions.map(({ version, createdAtMs, works, note }) => ({
      kind: "catalogue" as const,
      ...{ atMs: createdAtMs, version, works, note },
    })),
    ...[...known.catalogue.cards.values()].map(({ id, name, publishedAtMs }) => ({
      kind: "title" as const,
      ...{ atMs: publishedAtMs, titleId: id, name },
    })),
  ];
  return all.toSorted((a, b) => b.atMs - a.atMs).slice(0, limit);
}

/** An order that was carried out or refused, not its beginning, and none of the viewers' own. */
function isOrder({ action, outcome }: AuditRow): boolean {
  return outcome !== "begun" && /^[A-Z]+ \/v1\/(ops|admin)\//.test(action);
}

function orderOf(
  { atMs, actor, action, object, outcome }: AuditRow,
  nameOf: ChangesKnown["nameOf"],
): OpsChange {
  return { kind: "order", atMs, actor: nameOf(actor) ?? actor, action, object, outcome };
}

function drillChanges(drill: ChangesKnown["drills"][number]): readonly OpsChange[] {
  const { id: drillId, kind: loss, applianceId, prefix, by, state, because, startedAtMs, endedAtMs } = drill;
  const what = { kind: "drill", drillId, loss, applianceId, prefix, by } as const;
  const begun = { ...what, became: "running", atMs: startedAtMs, because: "" } as const;
  return endedAtMs === null ? [begun] : [begun, { ...what, became: state, atMs: endedAtMs, because }];
}

function experimentChanges({ id, createdAtMs, state }: Experiment): readonly OpsChange[] {
  const of = (became: Extract<OpsChange, { kind: "experiment" }>["became"], atMs: number, because = "") =>
    ({ kind: "experiment", atMs, experimentId: id, became, because }) as const;
  const made = of("created", createdAtMs);
  switch (state.kind) {
    case "created":
      return [made];
    case "running":
      return [made, of("running", state.startedAtMs)];
    case "ended":
      return [made, of("running", state.startedAtMs), of("ended", state.endedAtMs)];
    case "aborted": {
      const { startedAtMs, endedAtMs, because } = state;
      const began = startedAtMs === null || startedAtMs === undefined ? [] : [of("running", startedAtMs)];
      return [made, ...began, of("aborted", endedAtMs, because)];
    }
  }
}
