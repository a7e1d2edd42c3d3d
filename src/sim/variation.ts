// A scenario as it is asked for: the one that is built in, what a file says otherwise, and what the command says last.
import type { Placement, Scenario, SimEvent } from "./scenario.ts";
import { defaultScenario } from "./scenario-default.ts";

/** What a file may leave out. */
export type ScenarioChanges = { readonly [K in keyof Scenario]?: Scenario[K] | undefined };

export interface Wishes {
  readonly days?: number | undefined;
  readonly files?: number | undefined;
  readonly seed?: number | undefined;
  readonly placement?: Placement | undefined;
}

/** For a look: a week of a tenth of the catalogue, in which the first week's events of the whole happen. */
export const quick = { days: 8, files: 10_000 } as const;

/**
 * Events of the scenario that is built in concern its own sites: a file with sites of its own and no events has none. More
 * or fewer files are as many bytes, so that what boxes hold of the catalogue is the same; events after the last day fall
 * away when days are wished for.
 */
export function scenarioOf(file: ScenarioChanges | undefined, wishes: Wishes): Scenario {
  const given = { ...defaultScenario, ...defined(file ?? {}) };
  const ownSites = file?.sites !== undefined || file?.viewers !== undefined;
  const events = file?.events ?? (ownSites ? [] : defaultScenario.events);
  const days = wishes.days ?? given.days;
  const { files, newTitlesPerDay } = given.catalogue;
  const part = (wishes.files ?? files) / files;
  return {
    ...given,
    days,
    seed: wishes.seed ?? given.seed,
    placement: wishes.placement ?? given.placement,
    catalogue: {
      ...given.catalogue,
      files: wishes.files ?? files,
      newTitlesPerDay: part === 1 ? newTitlesPerDay : Math.round(newTitlesPerDay * part),
    },
    events: wishes.days === undefined ? events : events.filter((event: SimEvent) => event.day < days),
  };
}

function defined(changes: ScenarioChanges): Partial<Scenario> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
