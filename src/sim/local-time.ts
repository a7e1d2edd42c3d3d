// Hours and weekdays where people live. The clock of the run is UTC; evenings are not.

const hourMs = 3_600_000;

/** How much of a day's watching falls in each local hour, from midnight on: a trough at five, a peak at nine in the evening. */
const hourShape = [
  3.4, 2.1, 1.3, 0.9, 0.7, 0.7, 0.9, 1.3, 1.8, 2.2, 2.6, 3.0, 3.5, 3.8, 3.9, 4.0, 4.3, 5.0, 6.3, 8.2, 9.8,
  10.0, 8.6, 5.8,
] as const;

/** From Sunday on, relative to the mean day. The shape is our assumption: more at the weekend. */
const weekdayShape = [1.16, 0.93, 0.92, 0.93, 0.95, 1.01, 1.1] as const;

/** Part of a usual day's demand that the busiest hour carries. */
export const peakHourShare = Math.max(...hourShape) / hourShape.reduce((sum, one) => sum + one, 0);

export class LocalTime {
  private readonly format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      hour: "2-digit",
      weekday: "short",
    });
  }

  /** Shares of the 24 hours of a UTC day, in local time; they sum to 1. */
  hourShares(dayStartMs: number): readonly number[] {
    const weights = Array.from({ length: 24 }, (_, hour) => this.weightAt(dayStartMs + hour * hourMs));
    const all = weights.reduce((sum, one) => sum + one, 0);
    return weights.map((one) => one / all);
  }

  /** How much is watched on a UTC day, relative to a usual one: its hours lie on one local weekday or on two. */
  dayFactor(dayStartMs: number): number {
    const weights = Array.from({ length: 24 }, (_, hour) => this.weightAt(dayStartMs + hour * hourMs));
    return weights.reduce((sum, one) => sum + one, 0) / hourShape.reduce((sum, one) => sum + one, 0);
  }

  private weightAt(atMs: number): number {
    const parts = new Map(this.format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const hour = Number(parts.get("hour") ?? 0);
    const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(parts.get("weekday") ?? "Sun");
    return (hourShape[hour] ?? 0) * (weekdayShape[day] ?? 1);
  }
}
