// The hours of the day in which an appliance fills: they open at a wall-clock time of the site and stay open for a fixed
// real time, whatever the clocks of the site do meanwhile.
//
// A day's window opens at the first moment at which the site's clock shows that day and time, or later. So one that the
// spring skips opens at the end of the gap, one that the autumn shows twice opens at the first, and a day that a zone left
// out (Samoa's 30 December 2011) has none. The rules of zones are those of Intl, which are the tz database's.

export interface FillWindow {
  /** IANA name. */
  readonly zone: string;
  readonly opensAtMinute: number;
  /** Real time, at most 24. */
  readonly hours: number;
}

/** Holds for every wall-clock moment from `sinceMs` on and before `untilMs`. */
export interface WindowAt {
  readonly isOpen: boolean;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** From `startMs` on the zone's clock is so far ahead of UTC. */
interface Segment {
  readonly startMs: number;
  readonly offsetMs: number;
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Whether the rules of this zone are known here. */
export function isKnownZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether the window is open at a wall-clock moment, and until when.
 *
 * @throws RangeError for a zone that is not known
 */
export function windowAt(window: FillWindow, wallMs: number): WindowAt {
  const spans = joined(openings(window, wallMs - 25 * hourMs, wallMs + 50 * hourMs), window.hours * hourMs);
  const next = spans.findIndex(({ endMs }) => endMs > wallMs);
  const span = spans[next];
  if (span === undefined) throw new Error("cannot happen: a window opens within two days");
  if (span.startMs <= wallMs) return { isOpen: true, sinceMs: span.startMs, untilMs: span.endMs };
  const sinceMs = spans[next - 1]?.endMs ?? wallMs;
  return { isOpen: false, sinceMs, untilMs: span.startMs };
}

/** When it opens: once for each day of the site's calendar between two moments, in order. */
export function openings(window: FillWindow, fromMs: number, toMs: number): readonly number[] {
  // A day before, for windows whose day ends in a gap: they open on the next.
  const segments = segmentsOf(clockOf(window.zone), fromMs - 25 * hourMs, toMs + hourMs);
  const found: number[] = [];
  for (let day = floorTo(fromMs, dayMs) - dayMs; day <= toMs + dayMs; day += dayMs) {
    const opensAt = exists(segments, day)
      ? firstAt(segments, day + window.opensAtMinute * 60_000)
      : undefined;
    if (opensAt !== undefined && opensAt >= fromMs && opensAt < toMs) found.push(opensAt);
  }
  return found.sort((a, b) => a - b);
}

/** Windows that touch are one. */
function joined(starts: readonly number[], lengthMs: number): readonly Span[] {
  const spans: Span[] = [];
  for (const startMs of starts) {
    const last = spans.at(-1);
    const touches = last !== undefined && startMs <= last.endMs;
    if (touches) spans.pop();
    spans.push({ startMs: touches ? last.startMs : startMs, endMs: startMs + lengthMs });
  }
  return spans;
}

/** The first moment at which the clock shows `local` or later; `local` is what UTC would call that reading. */
function firstAt(segments: readonly Segment[], local: number): number | undefined {
  for (const [at, { startMs, offsetMs }] of segments.entries()) {
    const moment = Math.max(startMs, local - offsetMs);
    if (moment < (segments[at + 1]?.startMs ?? Number.POSITIVE_INFINITY)) return moment;
  }
  return undefined;
}

/** Whether the site's calendar has this day: some zone has left one out. */
function exists(segments: readonly Segment[], day: number): boolean {
  return segments.some(({ startMs, offsetMs }, at) => {
    const endMs = segments[at + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    return startMs + offsetMs < day + dayMs && endMs + offsetMs > day;
  });
}

/** A zone's offsets between two moments. No zone changes twice within an hour. */
function segmentsOf(clock: Intl.DateTimeFormat, fromMs: number, toMs: number): readonly Segment[] {
  const from = floorTo(fromMs, hourMs);
  let offsetMs = offsetAt(clock, from);
  const segments: Segment[] = [{ startMs: from, offsetMs }];
  for (let at = from + hourMs; at <= toMs; at += hourMs) {
    const next = offsetAt(clock, at);
    if (next === offsetMs) continue;
    segments.push({ startMs: changeBetween(clock, at - hourMs, at), offsetMs: next });
    offsetMs = next;
  }
  return segments;
}

/** The whole second at which the offset becomes another one: changes of the tz database lie on whole seconds. */
function changeBetween(clock: Intl.DateTimeFormat, beforeMs: number, afterMs: number): number {
  const old = offsetAt(clock, beforeMs);
  let [low, high] = [beforeMs / 1000, afterMs / 1000];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(clock, middle * 1000) === old) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** How far the zone's clock is ahead of UTC at a whole second. */
function offsetAt(clock: Intl.DateTimeFormat, atMs: number): number {
  const shown = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of clock.formatToParts(atMs)) {
    if (type in shown) Object.assign(shown, { [type]: Number(value) });
  }
  const { year, month, day, hour, minute, second } = shown;
  return daysTo(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000 - atMs;
}

/** Days from 1970-01-01 to a day of the Gregorian calendar. Years are counted from March, so that the leap day is their last. */
function daysTo(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return years * 365 + leapDays + inYear - 719_468;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a hundred times as long as asking it. */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const fields = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const time = { hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" } as const;
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: zone, ...fields, ...time });
  clocks.set(zone, clock);
  return clock;
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
