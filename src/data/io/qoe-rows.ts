// Records of the stream job as rows. A record that comes again, after a death between two saves, is the same one and replaces itself.
import { type Kysely, sql } from "kysely";
import type { KeptFigures, KeptMisses, KeptRecord } from "#data/ports-qoe.ts";
import { slices } from "./rows.ts";
import type { Schema } from "./schema.ts";
import type { QoeSchema } from "./schema-qoe.ts";

type Of<K extends KeptRecord["kind"]> = Extract<KeptRecord, { kind: K }>;
type Table = "qoe_window" | "qoe_watching" | "qoe_session" | "qoe_correction" | "qoe_miss";

const keys: Readonly<Record<Table, readonly string[]>> = {
  qoe_window: ["division", "size_ms", "start_ms", "appliance", "network", "title", "device", "job"],
  qoe_watching: ["division", "size_ms", "start_ms", "appliance", "title", "job"],
  qoe_session: ["session_id", "source", "start_ms", "job"],
  qoe_correction: ["at_ms", "session_id", "source", "seq", "job"],
  qoe_miss: ["start_ms", "site", "late", "job"],
};

export async function putRecords(
  db: Kysely<Schema>,
  job: string,
  records: readonly KeptRecord[],
): Promise<void> {
  const of = <K extends KeptRecord["kind"]>(kind: K): readonly Of<K>[] =>
    records.filter((record): record is Of<K> => record.kind === kind);
  await put(
    db,
    "qoe_window",
    of("window").map((record) => windowRow(job, record)),
  );
  await put(
    db,
    "qoe_watching",
    of("watching").map((record) => watchingRow(job, record)),
  );
  await put(
    db,
    "qoe_session",
    of("session").map((record) => sessionRow(job, record)),
  );
  await put(
    db,
    "qoe_correction",
    of("correction").map((record) => correctionRow(job, record)),
  );
  await put(
    db,
    "qoe_miss",
    of("misses").map((record) => missRow(job, record)),
  );
}

/** In the order of their keys, so that programs which lock rows cannot deadlock; the last of one key stands. */
async function put<T extends Table>(
  db: Kysely<Schema>,
  table: T,
  rows: readonly QoeSchema[T][],
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const columns = Object.keys(first);
  const key = keys[table];
  const cells = rows.map((row) => new Map<string, unknown>(Object.entries(row)));
  const byKey = new Map(cells.map((row) => [JSON.stringify(key.map((name) => row.get(name))), row]));
  const inOrder = [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const others = columns.filter((name) => !key.includes(name));
  const replaced = others.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`);
  for (const slice of slices(inOrder)) {
    const values = slice.map((row) => sql`(${sql.join(columns.map((name) => row.get(name)))})`);
    await sql`insert into ${sql.table(table)} (${sql.join(columns.map((name) => sql.ref(name)))})
      values ${sql.join(values)}
      on conflict (${sql.join(key.map((name) => sql.ref(name)))}) do update set ${sql.join(replaced)}`.execute(
      db,
    );
  }
}

function windowRow(job: string, record: Of<"window">): QoeSchema["qoe_window"] {
  const { by: division, sizeMs, startMs, startupBuckets } = record;
  return {
    ...{ job, division, size_ms: sizeMs, start_ms: startMs },
    ...labelColumns(record),
    ...figureColumns(record),
    startup_buckets: JSON.stringify(startupBuckets),
    estimates: record.estimates ?? 0,
  };
}

function watchingRow(job: string, record: Of<"watching">): QoeSchema["qoe_watching"] {
  const { by: division, sizeMs, startMs, appliance, title, watchedMs, atEnd } = record;
  return {
    ...{ job, division, size_ms: sizeMs, start_ms: startMs },
    ...{ appliance, title, watched_ms: watchedMs, at_end: atEnd },
  };
}

function sessionRow(job: string, record: Of<"session">): QoeSchema["qoe_session"] {
  const { sessionId, source, startMs, endMs, site, outcome, codec = "", rule = "" } = record;
  return {
    ...{ job, session_id: sessionId, source, start_ms: startMs, end_ms: endMs, site, outcome, codec, rule },
    ...labelColumns(record),
    ...figureColumns(record),
  };
}

function correctionRow(job: string, record: Of<"correction">): QoeSchema["qoe_correction"] {
  const { atMs, sessionId, source, seq, sessionStartMs, startupBuckets } = record;
  return {
    ...{ job, at_ms: atMs, session_id: sessionId, source, seq, session_start_ms: sessionStartMs },
    ...labelColumns(record),
    ...figureColumns(record),
    startup_buckets: JSON.stringify(startupBuckets),
    estimates: record.estimates ?? 0,
  };
}

function missRow(job: string, record: Of<"misses">): QoeSchema["qoe_miss"] {
  const { startMs, site, late } = record;
  return {
    ...{ job, start_ms: startMs, site, late },
    all_bytes: record.all,
    offloaded_bytes: record.offloaded,
    best_bytes: record.best,
    content_bytes: record.content,
    health_bytes: record.health,
    capacity_bytes: record.capacity,
    other_bytes: record.other,
    unjoined_bytes: record.unjoined,
  };
}

/** By figure of the miss ledger, its column. */
export const missColumn: Readonly<Record<keyof KeptMisses, string>> = {
  all: "all_bytes",
  offloaded: "offloaded_bytes",
  best: "best_bytes",
  content: "content_bytes",
  health: "health_bytes",
  capacity: "capacity_bytes",
  other: "other_bytes",
  unjoined: "unjoined_bytes",
};

function labelColumns({
  appliance,
  network,
  title,
  device,
}: Of<"session"> | Of<"window"> | Of<"correction">) {
  return { appliance, network, title, device };
}

/** By figure, its column. */
export const figureColumn: Readonly<Record<keyof KeptFigures, string>> = {
  events: "events",
  plays: "plays",
  starts: "starts",
  startupMs: "startup_ms",
  startFailures: "start_failures",
  exits: "exits",
  failures: "failures",
  playMs: "play_ms",
  stallMs: "stall_ms",
  stalls: "stalls",
  switches: "switches",
  playedBits: "played_bits",
  heightMs: "height_ms",
  responses: "responses",
  badResponses: "bad_responses",
};

function figureColumns(of: KeptFigures) {
  return {
    events: of.events,
    plays: of.plays,
    starts: of.starts,
    startup_ms: of.startupMs,
    start_failures: of.startFailures,
    exits: of.exits,
    failures: of.failures,
    play_ms: of.playMs,
    stall_ms: of.stallMs,
    stalls: of.stalls,
    switches: of.switches,
    played_bits: of.playedBits,
    height_ms: of.heightMs,
    responses: of.responses,
    bad_responses: of.badResponses,
  };
}
