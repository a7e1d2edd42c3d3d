// What each session was sent, as the access log has it, told to control in batches: for the miss ledger, which asks where bytes came from.
//
// A batch stays as it is, and is told with every report, until control says that it took it; then the next one begins. So nothing
// counts twice and nothing is left out, however often a report or its answer is lost. Meanwhile sums grow by session, folder and
// span of time; of these there is a bound, beyond which bytes are told as nobody's.

export interface ServedRow {
  /** Of the latest line, by this machine's clock. */
  readonly atMs: number;
  /** Empty: of those that found no room. */
  readonly sessionId: string;
  /** Of the title; empty for its top. */
  readonly folder: string;
  readonly bytes: number;
  /** Of these, fetched from the origin while the viewer waited. */
  readonly pulled: number;
}

export interface ServedBatch {
  /** From 1 on, in one life of the agent. */
  readonly batch: number;
  readonly rows: readonly ServedRow[];
}

export interface ServedBook {
  /** Being told; undefined: nothing is. */
  readonly told: ServedBatch | undefined;
  /** By session, folder and span. */
  readonly growing: ReadonlyMap<string, ServedRow>;
  readonly batches: number;
  readonly cutMs: number;
}

export interface ServedLimits {
  readonly rows: number;
  /** Between two batches. */
  readonly everyMs: number;
}

/** Chosen by us: 5000 rows are less than a megabyte of a report; and a minute, by which the ledger counts, has six batches. */
export const servedLimits: ServedLimits = { rows: 5000, everyMs: 10_000 };
/** Bytes of one row lie in one span, as the ledger's windows do: src/qoe. */
const spanMs = 60_000;

export const nothingServed: ServedBook = {
  told: undefined,
  growing: new Map(),
  batches: 0,
  cutMs: Number.NEGATIVE_INFINITY,
};

/** Lines of the access log, each once. */
export function served(book: ServedBook, lines: string, limits = servedLimits): ServedBook {
  const rows = servedIn(lines);
  if (rows.length === 0) return book;
  const growing = new Map(book.growing);
  for (const row of rows) grow(growing, row, limits.rows);
  return { ...book, growing };
}

function grow(growing: Map<string, ServedRow>, row: ServedRow, most: number): void {
  const span = Math.floor(row.atMs / spanMs);
  const key = `${row.sessionId}\n${row.folder}\n${span}`;
  const known = growing.get(key);
  if (known === undefined && growing.size >= most && row.sessionId !== "") {
    grow(growing, { ...row, sessionId: "", folder: "" }, most);
    return;
  }
  growing.set(key, {
    ...row,
    atMs: Math.max(row.atMs, known?.atMs ?? 0),
    bytes: row.bytes + (known?.bytes ?? 0),
    pulled: row.pulled + (known?.pulled ?? 0),
  });
}

/** What the report that is made now tells. By the clock that never jumps. */
export function cut(book: ServedBook, nowMs: number, limits = servedLimits): ServedBook {
  if (book.told !== undefined || book.growing.size === 0) return book;
  if (nowMs - book.cutMs < limits.everyMs) return book;
  const batch = book.batches + 1;
  const told = { batch, rows: [...book.growing.values()] };
  return { told, growing: new Map(), batches: batch, cutMs: nowMs };
}

/** Control has it. */
export function taken(book: ServedBook, batch: number): ServedBook {
  return book.told?.batch === batch ? { ...book, told: undefined } : book;
}

const line =
  /^\{"time":([0-9]+(?:\.[0-9]+)?),"session":"(?!fill-)([A-Za-z0-9][A-Za-z0-9._-]{0,79})","title":"[A-Za-z0-9][A-Za-z0-9._-]{0,63}","path":"([A-Za-z0-9._/-]{1,512})","method":"GET","status":20[06],"bytes":([0-9]+),"miss":"([a-z-]*)"/gm;

/** What viewers were sent of media, whole or in part. Another appliance's fill is no viewer. */
function servedIn(lines: string): readonly ServedRow[] {
  return [...lines.matchAll(line)].flatMap(([, time, sessionId = "", path = "", sent, miss]) => {
    const bytes = Number(sent);
    if (bytes === 0) return [];
    const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
    const pulled = miss === "pull" ? bytes : 0;
    return [{ atMs: Math.round(Number(time) * 1000), sessionId, folder, bytes, pulled }];
  });
}
