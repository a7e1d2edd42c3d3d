// The speeds a film can be played at.

export const speeds: readonly number[] = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** The next speed up or down; at either end the last one stays. */
export function neighbourSpeed(now: number, steps: 1 | -1): number {
  const next = steps > 0 ? speeds.find((speed) => speed > now) : speeds.findLast((speed) => speed < now);
  return next ?? now;
}
