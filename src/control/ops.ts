// The operator's panels: one answer each, nothing in them that was not observed or computed here.
import type { FileDemand } from "#model/placement.ts";
import { encodeReport } from "#wire/encode-report.ts";
import type { OpsEncode, OpsPlacement, OpsSessions, OpsTitles } from "#wire/ops.ts";
import { catalogTitleOf } from "./home.ts";
import type { PlanInForce } from "./place-titles.ts";
import type { ControlPorts } from "./ports.ts";

type OpsPorts = Pick<ControlPorts, "stores" | "settings">;

export async function opsPlacementOf(ports: OpsPorts, inForce: PlanInForce): Promise<OpsPlacement> {
  const { plan, epoch, createdAtMs } = inForce;
  const demand = await demandOf(ports);
  return {
    epoch,
    createdAtMs,
    cutoff: plan.cutoff,
    lambda: plan.lambda,
    weights: [...plan.weights],
    head: [...plan.head],
    files: plan.assignment.map((file) => ({
      fileId: file.fileId,
      sizeBytes: demand.get(file.fileId)?.sizeBytes ?? 0,
      playsPerDay: demand.get(file.fileId)?.playsPerDay ?? 0,
      band: file.band,
      serverIds: [...file.serverIds],
      because: file.because,
    })),
    predicted: { ...plan.predicted, servers: [...plan.predicted.servers] },
  };
}

async function demandOf(
  ports: OpsPorts,
): Promise<ReadonlyMap<string, Pick<FileDemand, "sizeBytes" | "playsPerDay">>> {
  const plays = new Map((await ports.stores.plans.popularity()).map((row) => [row.fileId, row.playsPerDay]));
  const titles = await ports.stores.catalog.titles();
  return new Map(
    titles.flatMap((title) =>
      title.package.renditions.map((rendition) => {
        const id = `${title.id}/${rendition.id}`;
        return [id, { sizeBytes: rendition.bytes, playsPerDay: plays.get(id) ?? 0 }] as const;
      }),
    ),
  );
}

export async function opsTitlesOf(ports: OpsPorts): Promise<OpsTitles> {
  const titles = await ports.stores.catalog.titles();
  return {
    titles: titles.map((title) => {
      const { id, name, durationMs, publishedAtMs, bitsSavedPercent } = catalogTitleOf(title);
      const bytes = title.package.renditions.reduce((sum, rendition) => sum + rendition.bytes, 0);
      const renditions = title.package.renditions.length;
      return { id, name, durationMs, bytes, renditions, publishedAtMs, bitsSavedPercent };
    }),
  };
}

export type OpsEncodeAnswer =
  | { readonly kind: "report"; readonly report: OpsEncode }
  | { readonly kind: "unknown-title" }
  | { readonly kind: "no-report" };

export async function opsEncodeOf(ports: OpsPorts, titleId: string): Promise<OpsEncodeAnswer> {
  const title = await ports.stores.catalog.title(titleId);
  if (title === undefined) return { kind: "unknown-title" };
  const report = encodeReport.safeParse(title.report);
  return report.success ? { kind: "report", report: report.data } : { kind: "no-report" };
}

export async function opsSessionsOf(ports: OpsPorts): Promise<OpsSessions> {
  const recent = await ports.stores.playback.recent(ports.settings.recentSessions);
  return {
    sessions: recent.map(({ summary, ...session }) => ({
      sessionId: session.id,
      titleId: session.titleId,
      email: session.email,
      viewpoint: session.viewpoint,
      startedAtMs: session.startedAtMs,
      lastSeenMs: summary?.lastSeenMs ?? session.startedAtMs,
      state: summary?.state ?? "opened",
      positionMs: summary?.positionMs ?? 0,
      startupMs: summary?.startupMs ?? 0,
      stallCount: summary?.stallCount ?? 0,
      stallMs: summary?.stallMs ?? 0,
      switchCount: summary?.switchCount ?? 0,
      bitrateBps: summary?.bitrateBps ?? 0,
      height: summary?.height ?? 0,
      applianceId: summary?.applianceId ?? "",
    })),
  };
}
