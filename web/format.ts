// Quantities as people read them: decimal prefixes, three significant digits at most, a unit on every number.

const none = "–";

/** "1.25 GB": decimal, as storage is sold and links are counted. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, "B");
}

/** "3.4 Mbit/s". */
export function formatRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, "bit/s");
}

/** A position or a length as a clock shows it: "4:05", "1:02:09". */
export function formatClock(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return none;
  const whole = Math.floor(ms / 1000);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(s).padStart(2, "0");
  return h === 0 ? `${m}:${tail}` : `${h}:${String(m).padStart(2, "0")}:${tail}`;
}

/** How long a film is, for a card: "48 s", "12 min", "1 h 47 min". */
export function formatLength(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return none;
  if (ms < 99_500) return `${Math.round(ms / 1000)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long something took: "240 ms", "3.2 s", "4 min 10 s". */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return none;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${digits(ms / 1000)} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
}

/** A moment as its distance from now: "just now", "40 s ago", "3 h ago". */
export function formatAgo(thenMs: number, nowMs: number): string {
  const passed = Math.max(0, nowMs - thenMs);
  if (passed < 5000) return "just now";
  if (passed < 90_000) return `${Math.round(passed / 1000)} s ago`;
  if (passed < 5_400_000) return `${Math.round(passed / 60_000)} min ago`;
  if (passed < 129_600_000) return `${Math.round(passed / 3_600_000)} h ago`;
  return `${Math.round(passed / 86_400_000)} days ago`;
}

/** A percentage that is already one: "12.3 %". */
export function formatPercent(percent: number): string {
  return Number.isFinite(percent) ? `${digits(percent)} %` : none;
}

/** A share of one as a percentage: 0.123 is "12.3 %". */
export function formatShare(share: number): string {
  return formatPercent(share * 100);
}

/** "1 shot", "6 shots". */
export function formatCount(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** Three significant digits at most, without trailing zeros. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return none;
  const size = Math.abs(value);
  const places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return String(Number(value.toFixed(places))).replace("-", "−");
}

/** Part of a whole in [0, 1], for bars: an unknown or empty whole shows an empty bar. */
export function fraction(part: number, whole: number): number {
  if (!(whole > 0) || !Number.isFinite(part)) return 0;
  return Math.min(1, Math.max(0, part / whole));
}

function scaled(value: number, unit: string): string {
  if (!Number.isFinite(value)) return none;
  const prefixes = ["", "k", "M", "G", "T", "P"];
  let step = 0;
  let rest = value;
  while (Math.abs(rest) >= 999.5 && step < prefixes.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return `${step === 0 ? String(Math.round(rest)) : digits(rest)} ${prefixes[step]}${unit}`;
}
