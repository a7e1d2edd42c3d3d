// What one appliance should hold, where it may fetch from, and with which keys it checks paths. The state has an epoch,
// so that an agent that already has it is told nothing.
import type { Denial } from "#model/denial.ts";
import { fillRateOf } from "#place/fill-night.ts";
import type { BoxFill, FillItem } from "#place/fill-plan.ts";
import type { PlaceSettings } from "#place/settings.ts";
import type { DesiredState } from "#wire/appliance.ts";
import type { Shelf } from "./fill-shelf.ts";
import { originId, type PlacedAppliance } from "./network.ts";

export interface DesiredFacts {
  readonly fill: Pick<BoxFill, "items">;
  readonly shelf: Shelf;
  readonly rules: DesiredState["fill"];
  readonly baseUrlOf: (sourceId: string) => string;
  readonly keys: DesiredState["keys"];
  /** The experiment under way, if there is one. */
  readonly broken?: DesiredState["broken"];
  /** While a drill keeps it down. */
  readonly killed?: DesiredState["killed"];
  /** What may not be served now. */
  readonly denied?: readonly Denial[];
}

/** A desired state that has no number yet. */
export interface Wanted {
  readonly content: Omit<DesiredState, "epoch">;
  /** Equal exactly when nothing changed that has to be told at once. */
  readonly core: string;
  /** Whom to ask and when, as a text for each file that is lacking, and an empty one for all others. */
  readonly lines: ReadonlyMap<string, string>;
}

export type WantedFile = DesiredState["files"][number];

export function wantedBy(facts: DesiredFacts): Wanted {
  const files = facts.fill.items.map((item) => fileOf(item, facts));
  const { keys, broken, killed, rules, denied = [] } = facts;
  const content = {
    files,
    keys,
    ...(rules === undefined ? {} : { fill: rules }),
    ...(broken === undefined ? {} : { broken }),
    ...(killed === undefined ? {} : { killed }),
    ...(denied.length === 0 ? {} : { denied: [...denied] }),
  };
  const lines = facts.fill.items.map(({ why }, i): [string, string] => {
    const file = files[i];
    return [file?.id ?? "", file === undefined || why !== "add" ? "" : lineOf(file)];
  });
  return { content, core: coreOf(facts), lines: new Map(lines) };
}

/** When and how fast an appliance fills; undefined: at any time, as fast as it can. */
export function fillRulesOf(
  appliance: Pick<PlacedAppliance, "role" | "zone">,
  settings: PlaceSettings,
): DesiredState["fill"] {
  const { role, zone } = appliance;
  const rateBps = fillRateOf(role, zone, settings);
  if (zone === undefined && rateBps === 0) return undefined;
  const window = {
    zone: zone ?? "UTC",
    opensAtMinute: settings.fillOpensAtMinute,
    hours: settings.fillHours,
  };
  const urgentShare = settings.fillUrgentPercent / 100;
  return { ...(zone === undefined ? {} : { window }), rateBps, urgentShare };
}

function fileOf({ file, isUrgent, sources }: FillItem, facts: DesiredFacts): WantedFile {
  return {
    id: file.id,
    titleId: file.titleId,
    files: facts.shelf.parts.get(file.id) ?? [],
    sources: sources.map(({ boxId, kind, afterMs }) => ({
      sourceId: boxId ?? originId,
      kind,
      baseUrl: facts.baseUrlOf(boxId ?? originId),
      ...(afterMs === 0 ? {} : { afterMs }),
    })),
    ...(isUrgent ? { urgent: true } : {}),
  };
}

/**
 * The files that are the plan's, in whatever order and from whomever. A title's package never changes in place but may be
 * replaced: the moment of publishing tells one from the other. What is kept for others is let go when there is occasion.
 */
function coreOf(facts: DesiredFacts): string {
  const lines = facts.fill.items
    .filter(({ why }) => why !== "kept")
    .map(({ file }) => `${file.id} ${file.publishedAtMs}`)
    .sort();
  const experiment = [facts.broken, facts.killed].flatMap((one) =>
    one === undefined ? [] : [JSON.stringify(one)],
  );
  const denied = (facts.denied ?? []).map(({ kind, id, untilMs }) => `denied ${kind} ${id} ${untilMs}`);
  const keys = facts.keys.map((key) => `${key.kid} ${key.secret}`).join(",");
  const rules = JSON.stringify(facts.rules ?? {});
  return [keys, rules, facts.baseUrlOf(originId), ...experiment, ...denied, ...lines].join("\n");
}

function lineOf(file: WantedFile): string {
  const sources = file.sources.map(
    ({ sourceId, baseUrl, afterMs = 0 }) => `${sourceId}=${baseUrl}+${afterMs}`,
  );
  return `${file.urgent === true ? "urgent " : ""}${sources.join(" ")}`;
}
