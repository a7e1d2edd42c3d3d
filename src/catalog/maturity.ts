// From what age on a work may be shown, in years.
//
// National labels are mapped by this table. Sources: FSK (fsk.de, §14 JuSchG), BBFC (bbfc.co.uk, classification), MPA
// (filmratings.com) and the TV Parental Guidelines (tvguidelines.org), CNC (France), Kijkwijzer (kijkwijzer.nl), ACB (Australia),
// EIRIN (eirin.jp). Labels that only advise parents (PG, 12A, PG-13, M) count as the age that the advice names.
import type { Episode, Series, Work } from "#model/work.ts";

const years: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  FSK: { "0": 0, "6": 6, "12": 12, "16": 16, "18": 18 },
  BBFC: { U: 0, PG: 8, "12": 12, "12A": 12, "15": 15, "18": 18, R18: 18 },
  MPA: { G: 0, PG: 10, "PG-13": 13, R: 17, "NC-17": 18 },
  TV: { Y: 0, Y7: 7, G: 0, PG: 10, "14": 14, MA: 17 },
  CNC: { TP: 0, "10": 10, "12": 12, "16": 16, "18": 18 },
  KIJKWIJZER: { AL: 0, "6": 6, "9": 9, "12": 12, "14": 14, "16": 16, "18": 18 },
  ACB: { G: 0, PG: 8, M: 15, "MA15+": 15, "R18+": 18 },
  EIRIN: { G: 0, PG12: 12, "R15+": 15, "R18+": 18 },
};

export const ratingSystems: readonly string[] = Object.keys(years);

/** "FSK 16" → 16; undefined: no such label. */
export function yearsOf(rating: string): number | undefined {
  const [, system = "", label = ""] = /^(\S+)\s+(\S+)$/.exec(rating.trim().toUpperCase()) ?? [];
  const labels = Object.hasOwn(years, system) ? years[system] : undefined;
  return labels !== undefined && Object.hasOwn(labels, label) ? labels[label] : undefined;
}

/** All labels of a system, for messages. */
export function labelsOf(system: string): readonly string[] {
  const key = system.toUpperCase();
  return Object.hasOwn(years, key) ? Object.keys(years[key] ?? {}) : [];
}

/** What the operator says, else the strictest label, else the series's; null: nobody rated it. */
export function ageOf(work: Work, series?: Series | undefined): number | null {
  const rated = work.ratings.flatMap((rating) => yearsOf(rating) ?? []);
  const own = work.age ?? (rated.length === 0 ? null : Math.max(...rated));
  if (own !== null || !isEpisode(work) || series === undefined) return own;
  return ageOf(series);
}

function isEpisode(work: Work): work is Episode {
  return work.kind === "episode";
}
