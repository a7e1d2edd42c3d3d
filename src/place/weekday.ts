// How a region's plays differ by weekday: the ratio of each weekday to its week's mean, as far as it is more than chance.
import { weekdayOf } from "./calendar.ts";

export interface WeekdayFactors {
  /** By weekday, 0 is Sunday: plays on it ÷ plays on a mean day. */
  readonly factors: readonly number[];
  /** Weeks that were complete. */
  readonly weeks: number;
  /** Part of the measured differences that is believed, in [0, 1]. */
  readonly believed: number;
}

/** Factors outside are held at the bound. Source: placement research §6.3. */
const weekdayRange = { least: 0.5, most: 2 } as const;

/** Fewer complete weeks say nothing: with one, weekday and chance cannot be told apart. */
const fewestWeeks = 2;

export const neutralWeek: WeekdayFactors = { factors: [1, 1, 1, 1, 1, 1, 1], weeks: 0, believed: 0 };

/**
 * Factors from the plays of whole weeks, `weeks[week][position]`, where every week begins on the same weekday.
 *
 * r = plays ÷ mean of its week; f = 1 + ρ·(r̄ − 1), ρ = max(0, 1 − (V ÷ W) ÷ B): B is the variance of the seven means
 * r̄, V the variance of a weekday between W weeks. Without a weekly pattern B is about V ÷ W, and ρ about 0; a pattern
 * that repeats exactly has V = 0 and is believed entirely. Free of scale: ten times the plays give the same factors.
 */
export function weekdayFactors(weeks: readonly (readonly number[])[], firstWeekday: number): WeekdayFactors {
  const ratios = weeks.flatMap((week) => {
    const mean = week.reduce((sum, plays) => sum + plays, 0) / 7;
    return week.length === 7 && mean > 0 ? [week.map((plays) => plays / mean)] : [];
  });
  if (ratios.length < fewestWeeks) return { ...neutralWeek, weeks: ratios.length };
  const means = Array.from({ length: 7 }, (_, at) => meanOf(ratios.map((week) => week[at] ?? 1)));
  const between = means.reduce((sum, mean) => sum + (mean - 1) ** 2, 0) / 6;
  const spread = ratios.reduce(
    (sum, week) => sum + week.reduce((part, ratio, at) => part + (ratio - (means[at] ?? 1)) ** 2, 0),
    0,
  );
  const within = spread / (7 * (ratios.length - 1));
  const believed = between > 0 ? Math.max(0, 1 - within / ratios.length / between) : 0;
  const factors = [1, 1, 1, 1, 1, 1, 1];
  means.forEach((mean, at) => {
    const factor = 1 + believed * (mean - 1);
    factors[(firstWeekday + at) % 7] = Math.min(weekdayRange.most, Math.max(weekdayRange.least, factor));
  });
  return { factors, weeks: ratios.length, believed };
}

/** First days, as positions in a history, of up to `weeks` whole weeks before `target`; the latest first. */
export function weekStarts(target: number, weeks: number): readonly number[] {
  const whole = Math.max(0, Math.min(Math.floor(weeks), Math.floor(target / 7)));
  return Array.from({ length: whole }, (_, week) => target - 7 * (week + 1));
}

/** What a plain day's plays are multiplied with on a day. */
export function weekdayFactorOn(week: WeekdayFactors, day: number): number {
  return week.factors[weekdayOf(day)] ?? 1;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
