// What a forecast leaves out because it cannot be believed: counted, and the first of it named.
import type { DemandHistory, IgnoredFacts } from "./demand.ts";
import { believablePrior, believableWeight } from "./launch.ts";
import { believable, believableShare, type CountedDays } from "./popularity.ts";

/** Looks at the days before `target` alone: later ones are not heard. */
export function ignoredIn(history: DemandHistory, target: number): IgnoredFacts {
  let count = 0;
  let first: string | undefined;
  const note = (what: string): void => {
    count += 1;
    first ??= what;
  };
  const look = (what: string, rows: Readonly<Record<string, CountedDays>> | undefined): void => {
    for (const { id } of history.regions) {
      const row = rows !== undefined && Object.hasOwn(rows, id) ? rows[id] : undefined;
      row?.forEach((plays, day) => {
        if (day >= target || plays === undefined || believable(plays)) return;
        note(`${what} in ${id}, day ${day}: ${plays} plays`);
      });
    }
  };
  for (const { id, weight } of history.regions) {
    if (!believableWeight(weight)) note(`region ${id}: weight ${weight}`);
  }
  for (const [kind, plays] of Object.entries(history.launchPlays)) {
    if (!believablePrior(plays)) note(`kind ${kind}: ${plays} plays on the first day`);
  }
  for (const { tag = "every title", factor } of history.events) {
    if (!Number.isFinite(factor)) note(`event for ${tag}: factor ${factor}`);
  }
  for (const title of history.titles) {
    look(`title ${title.titleId}`, title.plays);
    const { marketing = 1 } = title;
    if (!believableWeight(marketing)) note(`title ${title.titleId}: marketing ${marketing}`);
    for (const file of title.files) {
      look(`file ${file.id}`, file.plays);
      if (!believableShare(file.share)) note(`file ${file.id}: share ${file.share}`);
    }
  }
  return { count, first };
}
