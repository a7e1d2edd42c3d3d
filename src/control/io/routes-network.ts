// The operator's overview, map and page of an appliance: what changed, who is where, and what would be without a box.
import { z } from "zod";
import { type ChangesKnown, changesOf, newestOrders } from "#control/changes.ts";
import { controlFaults } from "#control/faults.ts";
import { healthIn, opsAppliancesOf } from "#control/fleet.ts";
import { noted } from "#control/health-diary.ts";
import { opsSessionsOf } from "#control/ops.ts";
import { latestOf, type MapKnown, mapOf, withoutOf } from "#control/ops-map.ts";
import { rankFor } from "#control/steering.ts";
import type { AuditRow } from "#data/audit-chain.ts";
import { Fault } from "#units/fault.ts";
import { opsApplianceDetail, opsChanges, opsChangesQuery, opsMap, opsWithout } from "#wire/ops-network.ts";
import { idText } from "#wire/viewer.ts";
import { answers } from "./answers.ts";
import { type App, accountOf } from "./app.ts";
import { type Desk, momentOf, steeringOrder } from "./desk.ts";

const audience = { config: { audience: "operator" } } as const;
const tags = ["operator"];
const params = z.object({ id: idText });
const filesShown = 20;
const mostSessions = 1000;
const changesShown = 20;

export function networkRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/changes",
    {
      ...audience,
      schema: {
        summary:
          "What changed, newest first: plans, health, experiments, catalogue, titles; for admins orders of the audit log too",
        tags,
        querystring: opsChangesQuery,
        response: answers(opsChanges),
      },
    },
    async (request) => {
      noteHealth(desk);
      const { limit } = request.query;
      const isAdmin = accountOf(request).role === "admin";
      const { orders, ordersSinceMs } = isAdmin
        ? await newestOrders(desk.ports.stores.audit, limit)
        : { orders: [], ordersSinceMs: null };
      const known = { ...(await knownChanges(desk)), orders, nameOf: await namesOf(desk, orders) };
      const changes = [...changesOf(known, limit)];
      return { changes, healthSinceMs: desk.state.diary.sinceMs, ordersSinceMs };
    },
  );
  app.get(
    "/v1/ops/map",
    {
      ...audience,
      schema: {
        summary: "Sites, appliances and viewpoints with their places, and who serves whom now",
        tags,
        response: answers(opsMap),
      },
    },
    async () => mapOf(await knownMap(desk)),
  );
  applianceRoutes(app, desk);
}

function applianceRoutes(app: App, desk: Desk): void {
  app.get(
    "/v1/ops/appliances/:id",
    {
      ...audience,
      schema: {
        summary:
          "One appliance: its report, its agent's latest words, changes of its health, its most played files",
        tags,
        params,
        response: answers(opsApplianceDetail),
      },
    },
    async (request) => detailOf(desk, request.params.id),
  );
  app.get(
    "/v1/ops/appliances/:id/without",
    {
      ...audience,
      schema: {
        summary: "What would change for new plays if this appliance were not there; nothing is changed",
        tags,
        params,
        response: answers(opsWithout),
      },
    },
    async (request) => {
      const applianceId = knownId(desk, request.params.id);
      return withoutOf(await knownMap(desk), applianceId, plannedFor(desk, applianceId));
    },
  );
}

/** Looked at on the clock and whenever somebody asks: an appliance falls silent without a word. */
export function noteHealth(desk: Desk): void {
  const { fleet, network, diary } = desk.state;
  const now = momentOf(desk);
  const seen = [...network.appliances.values()].map((appliance) => ({
    id: appliance.id,
    ...healthIn(fleet, appliance, now),
  }));
  desk.state.diary = noted(diary, seen, now.wallMs);
}

async function knownChanges({ ports, state }: Desk): Promise<Omit<ChangesKnown, "orders" | "nameOf">> {
  const { diary, laboratory, drills, catalogue } = state;
  const [plans, versions] = await Promise.all([ports.stores.plans.moved(), ports.stores.works.versions()]);
  return { plans, versions, diary, catalogue, experiments: laboratory.experiments, drills };
}

async function namesOf({ ports }: Desk, orders: readonly AuditRow[]): Promise<ChangesKnown["nameOf"]> {
  const ids = new Set(orders.map(({ actor }) => actor).filter((actor) => actor.startsWith("account:")));
  const named = await Promise.all(
    [...ids].map(async (actor) => {
      const account = await ports.stores.accounts.byId(actor.slice("account:".length));
      return [actor, account?.email] as const;
    }),
  );
  const names = new Map(named);
  return (actor) => names.get(actor);
}

async function knownMap(desk: Desk): Promise<MapKnown> {
  const { sessions } = await opsSessionsOf(desk.ports, { limit: mostSessions + 1 });
  const { network, fleet } = desk.state;
  return {
    ...{ network, fleet, now: momentOf(desk), ...latestOf(sessions, mostSessions) },
    rank: ({ id, address }, without) => {
      const order = steeringOrder(desk, undefined, { address, viewpoint: id }, "map");
      return rankFor({ ...order, name: "met", ...(without === undefined ? {} : { without }) });
    },
  };
}

function knownId(desk: Desk, applianceId: string): string {
  if (desk.state.network.appliances.has(applianceId)) return applianceId;
  throw new Fault(controlFaults.unknownAppliance, { applianceId });
}

function plannedFor({ state }: Desk, applianceId: string): readonly string[] {
  const placed = state.inForce?.plan.assignment ?? [];
  return placed
    .filter(({ serverIds }) => serverIds.some((id) => id === applianceId))
    .map(({ fileId }) => fileId);
}

async function detailOf(desk: Desk, id: string): Promise<z.infer<typeof opsApplianceDetail>> {
  const applianceId = knownId(desk, id);
  noteHealth(desk);
  const { fleet, network, inForce, fillBooks, diary, catalogue, shelf } = desk.state;
  const one = network.appliances.get(applianceId);
  const only = { ...network, appliances: new Map(one === undefined ? [] : [[applianceId, one]]) };
  const tonight = (box: string) => fillBooks.get(box)?.tonight;
  const { appliances } = opsAppliancesOf({
    ...{ fleet, network: only, plan: inForce?.plan, tonight, now: momentOf(desk) },
  });
  const [appliance] = appliances;
  if (appliance === undefined) throw new Fault(controlFaults.unknownAppliance, { applianceId });
  const box = fleet.boxes.get(applianceId);
  const isVerified = (fileId: string): boolean => box?.verified.has(fileId) === true;
  return {
    appliance,
    events: box?.report.events ?? [],
    changes: diary.changes
      .filter((change) => change.applianceId === applianceId)
      .slice(-changesShown)
      .toReversed()
      .map(({ atMs, from, to, because }) => ({ atMs, from, to, because })),
    files: plannedFor(desk, applianceId)
      .map((fileId) => shelf.files.get(fileId))
      .filter((file) => file !== undefined)
      .toSorted((a, b) => b.playsPerDay - a.playsPerDay)
      .slice(0, filesShown)
      .map(({ id: fileId, titleId, playsPerDay, sizeBytes }) => {
        const titleName = catalogue.cards.get(titleId)?.name ?? titleId;
        return { ...{ fileId, titleId, titleName }, playsPerDay, sizeBytes, isVerified: isVerified(fileId) };
      }),
  };
}
