// From a file of servers and demand to a plan: what every `millrace place` command begins with.
import type { FileDemand, PlacementPlan, PlacementServer } from "#model/placement.ts";
import { placeFaults } from "#place/faults.ts";
import { drawnIn, plan } from "#place/plan.ts";
import { placeSettings } from "#place/settings.ts";
import { Fault } from "#units/fault.ts";
import { placeInput } from "#wire/topology.ts";
import { readJsonFile } from "./json-file.ts";
import { plainText } from "./plain-text.ts";
import { settingsOf } from "./program.ts";

/** What some two million files take: planning them needs 2.5 GB of memory. */
const mostBytes = 200_000_000;

export interface Planned {
  readonly plan: PlacementPlan;
  readonly servers: readonly PlacementServer[];
  readonly files: readonly FileDemand[];
  readonly minCopies: number;
  readonly headroomPercent: number;
  /** Who held what before; empty without a previous plan. */
  readonly previous: ReadonlyMap<string, readonly string[]>;
}

/** What is read, and what `place predict` writes beside its files. */
const knownKeys = ["servers", "files", "previous", "day", "regionIds", "regions", "ignored", "error"];

/** @throws Fault when the file cannot be read, does not fit, or is refused by the planner */
export async function planFile(path: string, copiesWanted: string | undefined): Promise<Planned> {
  const given = await readJsonFile(path, placeInput, mostBytes);
  const strange = Object.keys(given).filter((key) => !knownKeys.includes(key));
  if (strange.length > 0) {
    process.stderr.write(
      `${plainText(path)}: ${plainText(strange.slice(0, 5).join(", "))} not read; wanted are servers, files and previous\n`,
    );
  }
  const settings = settingsOf(placeSettings);
  const minCopies = copiesWanted === undefined ? settings.minCopies : Number(copiesWanted);
  const { servers, files, previous: before } = given;
  const bands = before?.files && Object.fromEntries(before.files.map(({ fileId, band }) => [fileId, band]));
  const previous = before && {
    cutoff: before.cutoff,
    assignment: before.assignment,
    bands,
    weights: before.weights,
    drawnIn: drawnIn(before.files ?? [], before.theory?.bands.length ?? 2),
  };
  const planning = plan({ servers, files, minCopies, previous }, settings);
  if (planning.kind === "refused") throw new Fault(placeFaults.planRefused, { because: planning.because });
  return {
    plan: planning.plan,
    servers,
    files,
    minCopies,
    headroomPercent: settings.headroomPercent,
    previous: new Map(Object.entries(before?.assignment ?? {})),
  };
}
