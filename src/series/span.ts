// Which points a query asks for: from when to when, and how far apart.

export interface Grid {
  /** Of the first point: it is of the step that ends then. */
  readonly firstMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export type Span =
  | { readonly kind: "span"; readonly grid: Grid }
  | { readonly kind: "refused"; readonly field: "s" | "e" | "step"; readonly because: string };

export interface SpanOrder {
  readonly s: string;
  readonly e: string;
  /** Absent: the finest that fits. */
  readonly step: string | undefined;
  readonly nowMs: number;
  /** Of the stored points. */
  readonly storedMs: number;
  /** Points that a line may have. */
  readonly most: number;
}

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const yearMs = 366 * 86_400_000;

/** "90s", "5m", "3h", "1d", "1w"; undefined when it is none, or longer than a year. */
export function durationMs(text: string): number | undefined {
  const [, amount = "", unit = ""] = /^(\d{1,9})(s|min|m|h|d|w)$/.exec(text) ?? [];
  const ms = Number(amount) * (units[unit] ?? 0);
  return ms > 0 && ms <= yearMs ? ms : undefined;
}

/** Both ends are the boundaries at or before them: the step under way has no value yet. */
export function spanOf(order: SpanOrder): Span {
  const { s, e, step, nowMs, storedMs, most } = order;
  const startByEnd = s.startsWith("e-");
  if (startByEnd && e.startsWith("s+")) return refused("e", "s and e are each told by the other");
  const fixed = startByEnd ? momentOf(e, { now: nowMs }) : momentOf(s, { now: nowMs });
  if (fixed === undefined) return refused(startByEnd ? "e" : "s", wanted(startByEnd ? e : s));
  const startMs = startByEnd ? momentOf(s, { e: fixed }) : fixed;
  const endMs = startByEnd ? fixed : momentOf(e, { now: nowMs, s: fixed });
  if (startMs === undefined) return refused("s", wanted(s));
  if (endMs === undefined) return refused("e", wanted(e));
  const stepMs = step === undefined ? finest(startMs, endMs, order) : durationMs(step);
  if (stepMs === undefined || stepMs % storedMs !== 0) {
    return refused("step", `wanted a multiple of ${storedMs / 1000}s, found "${step}"`);
  }
  const lastMs = Math.floor(endMs / stepMs) * stepMs;
  const count = stepsBetween(startMs, endMs, stepMs);
  if (count < 1) return refused("s", `there is no whole step of ${stepMs / 1000}s between s and e`);
  if (count > most) return refused("step", `a line has at most ${most} points, this one has ${count}`);
  return { kind: "span", grid: { firstMs: lastMs - (count - 1) * stepMs, stepMs, count } };
}

function refused(field: "s" | "e" | "step", because: string): Span {
  return { kind: "refused", field, because };
}

function wanted(found: string): string {
  return `wanted now, now-5m, e-3h, s+1h, milliseconds since 1970 or 2026-01-31T12:00Z, found "${found}"`;
}

/** `anchors` are the moments that the text may begin with. */
function momentOf(text: string, anchors: Readonly<Record<string, number>>): number | undefined {
  const [, name = "", sign = "", length = ""] = /^(now|s|e)(?:([+-])(\w+))?$/.exec(text) ?? [];
  if (name !== "") {
    const from = Object.hasOwn(anchors, name) ? anchors[name] : undefined;
    if (from === undefined || length === "") return from;
    const ms = durationMs(length);
    return ms === undefined ? undefined : from + (sign === "-" ? -ms : ms);
  }
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return isoMs(text);
}

/** UTC alone: an operator's clock is not the program's. */
function isoMs(text: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?Z)?$/.exec(text);
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isReal =
    month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  if (!isReal) return undefined;
  return ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
}

/** Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function stepsBetween(startMs: number, endMs: number, stepMs: number): number {
  return Math.floor(endMs / stepMs) - Math.floor(startMs / stepMs);
}

/** The smallest multiple of the stored step with which the line has no more points than it may. */
function finest(startMs: number, endMs: number, { storedMs, most }: SpanOrder): number {
  const least = storedMs * Math.max(1, Math.ceil((endMs - startMs) / storedMs / most));
  return stepsBetween(startMs, endMs, least) > most ? least + storedMs : least;
}
