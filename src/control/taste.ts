// What the home page knows beyond a profile's own marks: the model of taste, and what is popular where. All of it may be
// missing or old without a word to the viewer: the page is plainer then.
import type { TitlePlays } from "#catalog/rows.ts";
import type { TasteModel } from "#catalog/taste.ts";
import type { ControlPorts } from "./ports.ts";

export interface TasteInForce {
  readonly madeAtMs: number;
  readonly model: Pick<TasteModel, "weights">;
}

export interface Popular {
  readonly everywhere: readonly TitlePlays[];
  /** By region of the play's start. */
  readonly byRegion: ReadonlyMap<string, readonly TitlePlays[]>;
}

export const nothingPopular: Popular = { everywhere: [], byRegion: new Map() };

/** What was played in the last month counts as popular. */
const popularMs = 30 * 86_400_000;
/** Fewer plays in a region are chance. Chosen by us. */
const leastRegionPlays = 20;
const dayMs = 86_400_000;

export async function popularNow({ stores }: Pick<ControlPorts, "stores">, nowMs: number): Promise<Popular> {
  const rows = await stores.playback.playsByRegion(nowMs - popularMs);
  const sums = new Map<string, number>();
  for (const { titleId, plays } of rows) sums.set(titleId, (sums.get(titleId) ?? 0) + plays);
  return {
    everywhere: [...sums].map(([titleId, plays]) => ({ titleId, plays })),
    byRegion: Map.groupBy(rows, ({ region }) => region),
  };
}

/** What was played where this viewer is, when it is enough to mean something. */
export function popularIn(
  popular: Popular,
  region: { readonly id: string; readonly name: string } | undefined,
): { readonly name: string; readonly plays: readonly TitlePlays[] } | undefined {
  const plays = region === undefined ? [] : (popular.byRegion.get(region.id) ?? []);
  const count = plays.reduce((sum, row) => sum + row.plays, 0);
  return region === undefined || count < leastRegionPlays ? undefined : { name: region.name, plays };
}

/** The model, unless there is none or it is too old to be believed. A clock set back makes none old. */
export function believed(
  taste: TasteInForce | undefined,
  { staleDays, nowMs }: { readonly staleDays: number; readonly nowMs: number },
): Pick<TasteModel, "weights"> | undefined {
  return taste === undefined || nowMs - taste.madeAtMs > staleDays * dayMs ? undefined : taste.model;
}
