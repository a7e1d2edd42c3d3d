// One decision in words: the same text in the terminal, in the API's answer and on the operator's page.
import type { RouteMatch } from "#model/network.ts";
import type { Ranking, RankStep } from "#model/steering.ts";

export interface Explanation {
  readonly address: string;
  readonly session: string;
  /** What was taken for granted, as "every appliance is healthy"; undefined: nothing. */
  readonly assumed: string | undefined;
  /** Undefined: no title was asked about. */
  readonly titleId: string | undefined;
  readonly location: ViewerLocation | undefined;
  /** Best first. */
  readonly matches: readonly RouteMatch[];
  readonly ranking: Ranking;
}

export interface ViewerLocation {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusKm: number | undefined;
  readonly from: "given" | "viewpoint" | "geography";
}

/** Sites and appliances named before the rest is only counted: a page, not a book. */
const named = 40;

/** Ends with a line break. */
export function explainText(explanation: Explanation): string {
  const { ranking } = explanation;
  const blocks = [
    head(explanation),
    routesText(explanation.matches),
    ranking.ranked.map((_, i) => placeText(ranking, i)).join("\n"),
    outText(ranking),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function head({ address, session, assumed, titleId, location }: Explanation): string {
  const asIf = assumed === undefined ? "" : `, as if ${assumed}`;
  const title = titleId === undefined ? "" : `, title ${titleId}`;
  return `viewer ${address}, session ${session}${title}${asIf}\n${placeLine(location)}`;
}

function placeLine(location: ViewerLocation | undefined): string {
  if (location === undefined) return "place  not known: distances decide nothing";
  const { latitude, longitude, radiusKm, from } = location;
  const within = radiusKm === undefined ? "" : `, within ${radiusKm} km`;
  const sources = {
    given: "as given",
    viewpoint: "of the viewpoint with this address",
    geography: "by the table of places",
  };
  return `place  ${latitude.toFixed(4)}, ${longitude.toFixed(4)}${within}, ${sources[from]}`;
}

function routesText(matches: readonly RouteMatch[]): string {
  if (matches.length === 0) return "routes  no site heard this address";
  const lines = matches.slice(0, named).map(({ siteId, prefix, asPathLength, med, neighbourAs }) => {
    const neighbour = neighbourAs === undefined || neighbourAs === 0 ? "" : ` from AS ${neighbourAs}`;
    return `  ${siteId} heard ${prefix}${neighbour}, AS path ${asPathLength}, MED ${med}`;
  });
  return [
    `routes  ${counted(matches.length, "site")} heard this address, best first`,
    ...lines,
    ...rest(matches.length),
  ].join("\n");
}

function placeText({ ranked, appliances }: Ranking, i: number): string {
  const entry = ranked[i];
  if (entry === undefined) return "";
  const distance = entry.distanceKm === undefined ? "" : `, ${Math.round(entry.distanceKm)} km`;
  const where = entry.rule === "origin-last" ? "" : ` at ${entry.siteName}${distance}`;
  const line = `${i + 1}. ${entry.id}${where} (${entry.rule}): ${entry.because}`;
  return entry.steps.length === 0 ? line : `${line}\n     ${funnel(appliances, entry.steps)}`;
}

const stepWords: Readonly<Record<RankStep["rule"], string>> = {
  above: "above it in the list",
  "no-route": "no route to the viewer",
  "longest-prefix": "shorter prefix",
  "as-path": "longer AS path",
  med: "higher MED",
  distance: "farther",
  "not-held": "without the file",
  health: "not healthy",
  spread: "passed over for a second site",
  "load-bound": "over the load bound",
  draw: "drawn later by this session",
};

/** "10000 appliances − 9940 no route to the viewer = 60 − …": down to the one. */
export function funnel(appliances: number, steps: readonly RankStep[]): string {
  let left = appliances;
  const parts = steps.map(({ rule, out }) => {
    left -= out;
    return `− ${out} ${stepWords[rule]} = ${left}`;
  });
  return [counted(appliances, "appliance"), ...parts].join(" ");
}

function outText({ ranked, eliminated, appliances }: Ranking): string {
  const lines = eliminated.slice(0, named).map(({ id, by, because }) => `–  ${id} (${by}): ${because}`);
  const unnamed = appliances - (ranked.length - 1) - Math.min(named, eliminated.length);
  if (unnamed > 0) lines.push(`–  and ${counted(unnamed, "more appliance")} that no rule brought this far`);
  return lines.join("\n");
}

function rest(count: number): readonly string[] {
  return count > named ? [`  and ${count - named} more`] : [];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
