// Where periods begin and end: in UTC, so that no night is an hour longer; by the anchor's own day and time.
import type { PeriodLength } from "#model/billing.ts";

const dayMs = 86_400_000;

/**
 * Boundary `count` periods after the anchor.
 *
 * Always counted from the anchor: the 31st becomes the 28th of February and is the 31st again in March.
 */
export function boundary(anchorMs: number, period: PeriodLength, count: number): number {
  const timeOfDay = ((anchorMs % dayMs) + dayMs) % dayMs;
  const { year, month, day } = civil(Math.floor(anchorMs / dayMs));
  const months = month - 1 + count * (period === "year" ? 12 : 1);
  const inYear = year + Math.floor(months / 12);
  const inMonth = (((months % 12) + 12) % 12) + 1;
  return daysOf(inYear, inMonth, Math.min(day, monthLength(inYear, inMonth))) * dayMs + timeOfDay;
}

/** How many whole periods lie between the anchor and the moment: boundary(n) ≤ moment < boundary(n + 1). */
export function periodsUntil(anchorMs: number, period: PeriodLength, momentMs: number): number {
  const rough = Math.floor((momentMs - anchorMs) / (dayMs * (period === "year" ? 366 : 31)));
  let count = Math.max(0, rough);
  while (boundary(anchorMs, period, count + 1) <= momentMs) count++;
  return count;
}

function monthLength(year: number, month: number): number {
  const next = month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1);
  return next - daysOf(year, month, 1);
}

/** Days since 1970-01-01 of a proleptic Gregorian date. Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function daysOf(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/** The same, backwards. */
function civil(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const inEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * inEra + Math.floor(inEra / 4) - Math.floor(inEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: inEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
