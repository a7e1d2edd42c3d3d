// Times as people write them.

/** 0:14, 12:05, 1:02:07. */
export function clockText(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor(all / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

/** "1.9 Mbit/s", "420 kbit/s". */
export function rateText(kbps: number): string {
  if (kbps < 1000) return `${Math.round(kbps)} kbit/s`;
  return `${(kbps / 1000).toFixed(kbps < 99_500 ? 1 : 0)} Mbit/s`;
}
