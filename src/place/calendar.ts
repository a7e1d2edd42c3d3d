// Days by number, and the events that lift demand on some of them.
// A day is a calendar day where the viewers are: day 0 is 1 January 1970, a Thursday, in the region's own time.

export interface CalendarEvent {
  /** Titles that carry this tag are lifted; without one, every title is. */
  readonly tag?: string | undefined;
  /** First and last day, both included. */
  readonly from: number;
  readonly to: number;
  /** Regions it is held in; all when absent. */
  readonly regionIds?: readonly string[] | undefined;
  /** Plays on such a day ÷ plays on a plain one. */
  readonly factor: number;
}

/** An event cannot do more than this: a slip of the pen must not empty the boxes of everything else. */
const upliftRange = { least: 0.1, most: 10 } as const;

/** The day of a date such as "2026-12-24" in the Gregorian calendar; undefined when there is no such date. */
export function dayOfDate(date: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const number = daysBefore(Number(year), Number(month)) + Number(day) - 1;
  return dateOfDay(number) === date ? number : undefined;
}

export function dateOfDay(day: number): string {
  let year = 1970 + Math.floor(day / 365.2425);
  while (daysBefore(year, 1) > day) year -= 1;
  while (daysBefore(year + 1, 1) <= day) year += 1;
  let month = 12;
  while (daysBefore(year, month) > day) month -= 1;
  const parts = [`${year}`.padStart(4, "0"), `${month}`, `${day - daysBefore(year, month) + 1}`];
  return parts.map((part) => part.padStart(2, "0")).join("-");
}

/** Days from 1 January 1970 to the first of a month. */
function daysBefore(year: number, month: number): number {
  const whole = year - 1;
  const leaps = Math.floor(whole / 4) - Math.floor(whole / 100) + Math.floor(whole / 400);
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const upTo = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1] ?? 0;
  return whole * 365 + leaps + upTo + (isLeap && month > 2 ? 1 : 0) - 719_162;
}

/** 0 is Sunday, 6 Saturday. */
export function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

/**
 * What events make of a title's plays on a day: the highest factor of those that match, because events of one day lift
 * the same viewers; 1 when none does.
 */
export function upliftOf(
  events: readonly CalendarEvent[],
  where: { readonly regionId: string; readonly day: number; readonly tags: readonly string[] },
): number {
  const factors = events
    .filter(({ from, to }) => from <= where.day && where.day <= to)
    .filter(({ tag }) => tag === undefined || where.tags.includes(tag))
    .filter(({ regionIds }) => regionIds === undefined || regionIds.includes(where.regionId))
    .map(({ factor }) => (Number.isFinite(factor) ? factor : 1));
  if (factors.length === 0) return 1;
  return Math.min(upliftRange.most, Math.max(upliftRange.least, ...factors));
}
