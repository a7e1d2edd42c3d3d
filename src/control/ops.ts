// The operator's panels: one answer each, nothing in them that was not observed or computed here.
import { keptReport } from "#wire/encode-report.ts";
import type { OpsEncode, OpsSessions, OpsTitles } from "#wire/ops.ts";
import type { OpsSessionsQuery } from "#wire/ops-sessions.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ControlPorts } from "./ports.ts";

type OpsPorts = Pick<ControlPorts, "stores" | "settings">;

export function opsTitlesOf({ titles, cards }: Catalogue): OpsTitles {
  const rows = [...cards.values()].map(({ id, name, durationMs, publishedAtMs, bitsSavedPercent }) => {
    const renditions = titles.get(id)?.package.renditions ?? [];
    const bytes = renditions.reduce((sum, rendition) => sum + rendition.bytes, 0);
    return { id, name, durationMs, bytes, renditions: renditions.length, publishedAtMs, bitsSavedPercent };
  });
  return { titles: rows };
}

export type OpsEncodeAnswer =
  | { readonly kind: "report"; readonly report: OpsEncode }
  | { readonly kind: "unknown-title" }
  | { readonly kind: "no-report" };

export async function opsEncodeOf(ports: OpsPorts, titleId: string): Promise<OpsEncodeAnswer> {
  const title = await ports.stores.catalog.title(titleId);
  if (title === undefined) return { kind: "unknown-title" };
  const report = keptReport.safeParse(title.report);
  return report.success ? { kind: "report", report: report.data } : { kind: "no-report" };
}

export async function opsSessionsOf(ports: OpsPorts, query: OpsSessionsQuery): Promise<OpsSessions> {
  const { title, network, device, appliance, state, limit = ports.settings.recentSessions } = query;
  const recent = await ports.stores.playback.recent(limit, {
    ...(title !== undefined && { titleId: title }),
    ...(network !== undefined && { network }),
    ...(device !== undefined && { device }),
    ...(appliance !== undefined && { applianceId: appliance }),
    ...(state !== undefined && { state }),
  });
  return { sessions: recent.map(opsSessionOf) };
}

export type RecentSession = Awaited<ReturnType<ControlPorts["stores"]["playback"]["recent"]>>[number];

export function opsSessionOf({ summary, ...session }: RecentSession): OpsSessions["sessions"][number] {
  const { region = "", network = "", device = "" } = session;
  return {
    sessionId: session.id,
    titleId: session.titleId,
    email: session.email,
    viewpoint: session.viewpoint,
    ...{ region, network, device },
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
  };
}
