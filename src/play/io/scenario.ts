// A scenario's film and networks, read from the folder of recorded ones, or made where there is none.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { madeFilm, madeTraces, type Scenario } from "#play/scenarios.ts";
import { lastingFor } from "#play/sim-film.ts";
import type { Trace } from "#play/sim-network.ts";
import type { Film } from "#play/types.ts";
import { readMovie } from "./movie.ts";
import { readTraces } from "./traces.ts";

/** Where recorded networks lie on a machine that has them. */
export const recordedFolder = "../shared/traces";

export function hasRecorded(folder: string = recordedFolder): boolean {
  return existsSync(folder);
}

export interface Stage {
  readonly film: Film;
  /** In order of name. */
  readonly traces: readonly Trace[];
}

export async function openScenario(scenario: Scenario, folder: string = recordedFolder): Promise<Stage> {
  const recorded = hasRecorded(folder);
  const film = recorded
    ? (await readMovie(join(folder, "movies", `${scenario.movie}.json`))).film
    : madeFilm(scenario);
  const traces = recorded ? (await readTraces(join(folder, scenario.traces))).traces : madeTraces(scenario);
  return {
    film: scenario.lengthMs === undefined ? film : lastingFor(film, scenario.lengthMs),
    traces: traces.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
