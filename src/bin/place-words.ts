// A plan as text for a terminal of 100 columns.
import { percentWords } from "#draw/looks.ts";
import type { PlacementPlan } from "#model/placement.ts";
import { share } from "#place/pictures.ts";
import type { PlanSummary } from "#place/summary.ts";
import { bytesWords, short } from "#units/in-words.ts";
import { textTable } from "./table.ts";

/** More rows are a file's matter: --json has all. */
const mostServers = 40;

export function planText(plan: PlacementPlan, summary: PlanSummary): string {
  return `${[serverTable(summary), bandTable(plan, summary), textTable(factRows(plan, summary))].join("\n\n")}\n`;
}

function serverTable({ servers }: PlanSummary): string {
  const bands = servers[0]?.weights.length ?? 0;
  const names = weightNames(bands);
  const shown = servers.slice(0, mostServers);
  const rows = shown.map(serverCells);
  const head = ["server", "kind", ...names, "stores", "full", "traffic", "load ÷ mean", "to fill"];
  const left = servers.length - shown.length;
  const table = textTable([head, ...rows]);
  return left > 0 ? `${table}\n… and ${left} more: --json has all` : table;
}

/** One server's row, in the report too. */
export function serverCells(server: PlanSummary["servers"][number]): string[] {
  return [
    server.serverId,
    server.kind,
    ...server.weights.map((weight) => weight.toFixed(3)),
    bytesWords(server.bytes),
    percentWords(server.full),
    percentWords(server.trafficShare),
    server.utilisation.toFixed(3),
    bytesWords(server.fetchBytes),
  ];
}

/** Two bands have names in the literature; of more, the first is the densest. */
export function weightNames(bands: number): string[] {
  if (bands === 1) return ["weight"];
  if (bands === 2) return ["α", "β"];
  return Array.from({ length: bands }, (_, i) => `w${i + 1}`);
}

function bandTable(plan: PlacementPlan, { bands }: PlanSummary): string {
  const rows = bands.map(({ band, files, bytes, traffic }) => [
    band,
    `${files}`,
    bytesWords(bytes),
    percentWords(traffic),
    bandWords(band, plan.cutoff),
  ]);
  return textTable([["band", "files", "size", "of traffic", "what it is"], ...rows]);
}

function bandWords(band: string, cutoff: number): string {
  switch (band) {
    case "head":
      return "on every server";
    case "popular":
      return `the densest ${percentWords(cutoff)} of what is stored below the head`;
    case "tail":
      return "the rest";
    default:
      return "on no server: the origin serves it";
  }
}

function factRows(plan: PlacementPlan, { servers, bands }: PlanSummary): string[][] {
  const { predicted, lambda } = plan;
  const busiest = servers.toSorted((a, b) => b.utilisation - a.utilisation)[0];
  const holes = bands.find((row) => row.band === "hole")?.files ?? 0;
  return [
    ["cutoff", cutoffWords(plan)],
    ["relaxation λ", `${short(lambda)}: ${lambdaWords(lambda)}`],
    [
      "capacity",
      `${percentWords(predicted.effectiveCapacity)} of all throughput until ${busiest?.serverId ?? "the first server"} is full, which has ${short(predicted.maxUtilisation)} × the mean load`,
    ],
    [
      "holes",
      `${percentWords(predicted.holePercent / 100)} of traffic, ${holes} ${holes === 1 ? "file" : "files"}`,
    ],
    ["churn", `${bytesWords(predicted.churnBytes)} to be fetched that were not held before`],
  ];
}

export function cutoffWords({ cutoff, theory }: PlacementPlan): string {
  if (theory === undefined) return `D* ${cutoff.toFixed(3)}`;
  if (theory.method === "one-band") return "none: all files below the head are drawn alike";
  const gap = share(theory.curve, cutoff) - cutoff;
  const feasible = theory.feasible
    ? `feasible ${theory.feasible.low.toFixed(3)}–${theory.feasible.high.toFixed(3)}`
    : "none feasible without relaxation";
  const many = theory.method === "many-bands" ? `, ${theory.bands.length} bands by linear program` : "";
  return `D* ${cutoff.toFixed(3)} (${feasible}, cheapest ${theory.cheapest.toFixed(3)}), P(D) − D ${gap.toFixed(3)}${many}`;
}

export function lambdaWords(lambda: number): string {
  if (lambda === 0) return "storage and traffic targets are both met";
  return lambda >= 1 ? "traffic simply follows storage" : "traffic targets were moved so far towards storage";
}
