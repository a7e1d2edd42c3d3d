// The network as one play met it, as a trace: what it carried from one request for the picture to the next.
//
// A trace made so is what this play's own requests saw. Where the player paused between two of them nothing was measured, and the
// rate of the one before is taken to have gone on.
import type { Fetched } from "./log.ts";
import type { Period } from "./sim-network.ts";

/** In the order of arrival; sound is left out, since it is too small to measure by. */
export function recordedPeriods(fetched: readonly Fetched[]): readonly Period[] {
  const video = fetched.filter((entry) => entry.media === "video" && entry.ms > 0);
  return video.map((entry, index) => {
    const next = video[index + 1];
    const fromMs = entry.atMs - entry.ms;
    const untilMs = Math.max(entry.atMs, next === undefined ? entry.atMs : next.atMs - next.ms);
    const bodyMs = (entry.bytes * 8) / Math.max(1e-9, entry.throughputKbps);
    return {
      durationMs: Math.max(1, untilMs - fromMs),
      kbps: entry.throughputKbps,
      latencyMs: Math.max(0, entry.ms - bodyMs),
    };
  });
}

/** As `millrace abr simulate --traces` reads it. */
export function traceFile(periods: readonly Period[]): string {
  const lines = periods.map(({ durationMs, kbps, latencyMs }) => ({
    duration_ms: durationMs,
    bandwidth_kbps: kbps,
    latency_ms: latencyMs,
  }));
  return `${JSON.stringify(lines, undefined, 1)}\n`;
}
