// A run as tables: a row per day and region, per server and day, per site and plan; and a summary that other programs read.
import {
  addLedger,
  addLedgers,
  type DayResult,
  fillOf,
  meanOf,
  offloadOf,
  type PlanDay,
  peakOf,
  type ServerDay,
} from "./results.ts";
import type { Scenario } from "./scenario.ts";
import { emptyLedger, type Ledger } from "./serve.ts";

const ledgerColumns = [
  ...(["asked", "hit", "content", "health", "other"] as const),
  ...(["home", "elsewhere", "origin", "unserved"] as const),
];

/** Bytes by day and region; region "all" is their sum. hit + content + health + other = asked. */
export function dailyCsv(scenario: Scenario, days: readonly DayResult[]): string {
  const head = ["day", "date", "region", ...ledgerColumns.map((name) => `${name}Bytes`), "offload"];
  const rows = days.flatMap(({ day, date, regions }) => {
    const named = regions.map((ledger, i) => ({ region: scenario.viewers[i]?.id ?? "", ledger }));
    return [...named, { region: "all", ledger: addLedgers(regions) }].map(({ region, ledger }) => [
      ...[day, date, region],
      ...ledgerColumns.map((name) => ledger[name]),
      offloadOf(ledger).toFixed(6),
    ]);
  });
  return csv([head, ...rows]);
}

export function serversCsv(days: readonly DayResult[]): string {
  const head = [
    ...["day", "date", "server", "site", "role", "state", "storageBytes", "storedBytes", "removedBytes"],
    ...["fillPeerBytes", "fillTierBytes", "fillOriginBytes", "fillPercent", "budgetBytes", "deferredBytes"],
    ...["outsideWindowBytes", "externalFiles", "externalTwice", "sentBytes", "peakUtilisation"],
    "meanUtilisation",
  ];
  const rows = days.flatMap(({ day, date, servers }) =>
    servers.map((one) => [
      ...[day, date, one.id, one.siteId, one.role, one.state],
      ...[one.storageBytes, one.storedBytes, one.removedBytes, one.fill.peer, one.fill.tier, one.fill.origin],
      ...[
        fillPercent(one).toFixed(4),
        one.budgetBytes,
        one.deferredBytes,
        one.outsideWindowBytes,
        one.externalFiles,
        one.externalTwice,
        one.sentBytes,
      ],
      ...[peakOf(one.utilisation).toFixed(4), meanOf(one.utilisation).toFixed(4)],
    ]),
  );
  return csv([head, ...rows]);
}

export function plansCsv(days: readonly DayResult[]): string {
  const head = [
    ...["day", "date", "site", "cutoff", "lambda", "holePercent", "effectiveCapacity", "churnBytes"],
    ...["forecastWape", "notPlanned"],
  ];
  const rows = days.flatMap(({ day, date, plans }) =>
    plans.map((one) => [...[day, date, one.siteId], ...planCells(one)]),
  );
  return csv([head, ...rows]);
}

function planCells(one: PlanDay): readonly (string | number)[] {
  if (one.notPlanned !== undefined) return ["", "", "", "", "", "", one.notPlanned];
  return [
    ...[one.cutoff.toFixed(6), one.lambda.toFixed(6), one.holePercent.toFixed(4)],
    ...[one.effectiveCapacity.toFixed(4), Math.round(one.churnBytes), one.wape.toFixed(4), ""],
  ];
}

export interface Summary {
  readonly name: string;
  readonly seed: number;
  readonly placement: string;
  readonly days: number;
  /** Of the first day and of the last. */
  readonly files: readonly [number, number];
  readonly bytes: Ledger;
  readonly offloadPercent: number;
  readonly percent: {
    readonly hit: number;
    readonly content: number;
    readonly health: number;
    readonly other: number;
  };
  readonly unservedPercent: number;
  readonly fillBytes: { readonly peer: number; readonly tier: number; readonly origin: number };
  /** Copies that came into sites from outside, for each time that a site got a file. 1: no copy was needless. */
  readonly externalCopies: number;
  readonly servers: readonly ServerSummary[];
  readonly gaveWay: number;
}

export interface ServerSummary {
  readonly id: string;
  readonly siteId: string;
  readonly role: string;
  /** Per day, of its storage. */
  readonly meanFillPercent: number;
  readonly mostFillPercent: number;
  readonly budgetPercent: number;
  readonly peakUtilisation: number;
  readonly meanUtilisation: number;
}

export function summaryOf(
  scenario: Scenario,
  days: readonly DayResult[],
  files: readonly [number, number],
): Summary {
  const bytes = emptyLedger();
  const fillBytes = { peer: 0, tier: 0, origin: 0 };
  for (const { regions, servers } of days) {
    for (const one of regions) addLedger(bytes, one);
    for (const { fill } of servers) {
      fillBytes.peer += fill.peer;
      fillBytes.tier += fill.tier;
      fillBytes.origin += fill.origin;
    }
  }
  const percent = (part: number): number => (bytes.asked > 0 ? (100 * part) / bytes.asked : 0);
  const { hit, content, health, other, unserved } = bytes;
  const { name, seed, placement } = scenario;
  return {
    ...{ name, seed, placement, days: days.length, files, bytes, fillBytes },
    offloadPercent: 100 * offloadOf(bytes),
    percent: { hit: percent(hit), content: percent(content), health: percent(health), other: percent(other) },
    unservedPercent: percent(unserved),
    externalCopies: externalCopies(days),
    servers: serverSummaries(days),
    gaveWay: days.reduce((sum, day) => sum + day.gaveWay, 0),
  };
}

function externalCopies(days: readonly DayResult[]): number {
  const all = days.flatMap(({ servers }) => servers);
  const files = all.reduce((sum, one) => sum + one.externalFiles, 0);
  const twice = all.reduce((sum, one) => sum + one.externalTwice, 0);
  return files > twice ? files / (files - twice) : 1;
}

function serverSummaries(days: readonly DayResult[]): readonly ServerSummary[] {
  const byId = new Map<string, ServerDay[]>();
  for (const { servers } of days) {
    for (const one of servers) byId.set(one.id, [...(byId.get(one.id) ?? []), one]);
  }
  return [...byId].map(([id, own]) => ({
    id,
    siteId: own[0]?.siteId ?? "",
    role: own[0]?.role ?? "",
    meanFillPercent: meanOf(own.map(fillPercent)),
    mostFillPercent: Math.max(...own.map(fillPercent)),
    budgetPercent: Math.max(...own.map((one) => (100 * one.budgetBytes) / one.storageBytes)),
    peakUtilisation: Math.max(...own.map(({ utilisation }) => peakOf(utilisation))),
    meanUtilisation: meanOf(own.map(({ utilisation }) => meanOf(utilisation))),
  }));
}

export function fillPercent(one: ServerDay): number {
  return (100 * fillOf(one)) / one.storageBytes;
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `${rows.map((row) => row.map(cell).join(",")).join("\n")}\n`;
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
