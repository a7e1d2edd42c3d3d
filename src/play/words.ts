// Figures and moves as sentences say them.

export function move(last: number | undefined, next: number): string {
  if (last === undefined) return "start at";
  if (next === last) return "stay at";
  return next > last ? "up to" : "down to";
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

/** Two digits below 10 Mbit/s, so that neighbouring small rungs stay apart. */
export function mbit(kbps: number): string {
  const value = kbps / 1000;
  return value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0);
}

export function megabits(bits: number): string {
  return (bits / 1e6).toFixed(bits < 1e6 ? 2 : 1);
}
