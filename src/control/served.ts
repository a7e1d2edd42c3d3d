// The two halves of the miss ledger as records of the event log: what steering decided for a session, and what sources sent.
import { fileId } from "#model/package.ts";
import type { BestChoice, Ranking } from "#model/steering.ts";
import type { Choice } from "#qoe/detours.ts";
import { originId } from "#qoe/detours.ts";
import type { ServedBatch } from "#qoe/miss-job.ts";
import { longestKeptMs } from "#qoe/stream-event.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import type { ServedRecord, SteeredRecord } from "#wire/ledger.ts";
import type { PublishedTitle } from "./catalogue.ts";
import { folderOf, type Reach } from "./play.ts";

/** Appliances of the best tier that are told by name: a site has no more by far. */
const mostNamed = 64;
/** Rows of one record: with the longest names well below what the log takes as one. */
const rowsOfPart = 100;

export function recordOfDecision(decision: {
  readonly atMs: number;
  readonly sessionId: string;
  readonly title: PublishedTitle;
  readonly ranking: Ranking;
  readonly reach: Pick<Reach, "holds">;
}): Uint8Array {
  const { atMs, sessionId, title, ranking, reach } = decision;
  const eliminated: Record<string, number> = {};
  for (const { by } of ranking.eliminated) eliminated[by] = (eliminated[by] ?? 0) + 1;
  return bytesOf({
    v: 1,
    at: atMs,
    steered: {
      sessionId,
      titleId: title.id,
      best: ranking.best.slice(0, mostNamed).map((one) => choiceOf(one, title, reach)),
      ranked: ranking.ranked.map(({ id }) => id),
      eliminated,
    },
  } satisfies SteeredRecord);
}

type Told = SteeredRecord["steered"]["best"][number];

function choiceOf(
  { id, siteId, out }: BestChoice,
  title: PublishedTitle,
  { holds }: Pick<Reach, "holds">,
): Told {
  const why = causeOf(out);
  if (why === "content") return { id, siteId, out: why };
  const lacks = title.package.renditions
    .filter((rendition) => !holds(id, fileId(title.id, rendition.id)))
    .map((rendition) => folderOf(rendition).replace(/\/$/, ""));
  return { id, siteId, ...(why !== undefined && { out: why }), ...(lacks.length > 0 && { lacks }) };
}

function causeOf(out: BestChoice["out"]): Choice["out"] {
  switch (out) {
    case undefined:
    case "list-full":
      return undefined;
    case "not-held":
      return "content";
    case "full":
      return "capacity";
    default:
      return "health";
  }
}

/** A batch in parts that the log takes, each at the moment at which it came here, so that only the ages of its rows are believed. */
export function recordsOfServed(order: {
  readonly atMs: number;
  readonly source: { readonly id: string; readonly siteId: string };
  readonly bootId: string;
  readonly told: NonNullable<ApplianceReport["served"]>;
}): readonly Uint8Array[] {
  const { atMs, source, bootId, told } = order;
  const { batch, sentMs } = told;
  const rows = told.rows.map((row): ServedRecord["served"]["rows"][number] => {
    const ageMs = Math.min(longestKeptMs, Math.max(0, sentMs - row.atMs));
    return [Math.round(atMs - ageMs), row.sessionId, row.folder, row.bytes, Math.min(row.pulled, row.bytes)];
  });
  const of = { sourceId: source.id, siteId: source.siteId, bootId, batch };
  return Array.from({ length: Math.ceil(rows.length / rowsOfPart) }, (_, part) =>
    bytesOf({
      ...{ v: 1, at: atMs },
      served: { ...of, part, rows: rows.slice(part * rowsOfPart, (part + 1) * rowsOfPart) },
    } satisfies ServedRecord),
  );
}

export const originSource = { id: originId, siteId: originId } as const;

export function batchOf({ served }: ServedRecord): ServedBatch {
  const { sourceId, siteId, bootId, batch, part, rows } = served;
  return {
    ...{ source: { id: sourceId, siteId }, bootId, batch, part },
    rows: rows.map(([atMs, sessionId, folder, bytes, pulled]) => ({
      atMs,
      sessionId,
      folder,
      bytes,
      pulled,
    })),
  };
}

function bytesOf(record: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}
