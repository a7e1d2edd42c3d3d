// Traces as lines of "time in seconds, bandwidth in Mbit/s", as Pensieve reads them: a bandwidth holds over the stretch that
// ends at its time. They say nothing of latency; Pensieve's round trip of 80 ms is taken.
import type { Period } from "./sim-network.ts";

export const assumedLatencyMs = 80;

export type LinesRead =
  | { readonly kind: "read"; readonly periods: readonly Period[] }
  | { readonly kind: "refused"; readonly because: string };

/** A first line at time 0 ends no stretch: its bandwidth is left out. */
export function periodsOfLines(text: string): LinesRead {
  const periods: Period[] = [];
  let reached = 0;
  let begun = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const fields = line.trim().split(/\s+/);
    const complaint = flawOf(fields, reached, begun);
    if (complaint !== undefined) return { kind: "refused", because: `line ${index + 1}, ${complaint}` };
    const [seconds = 0, mbps = 0] = fields.map(Number);
    if (seconds > reached) {
      periods.push({
        durationMs: (seconds - reached) * 1000,
        kbps: mbps * 1000,
        latencyMs: assumedLatencyMs,
      });
    }
    reached = seconds;
    begun = true;
  }
  return { kind: "read", periods };
}

function flawOf(fields: readonly string[], reached: number, begun: boolean): string | undefined {
  const [time = "", bandwidth = ""] = fields;
  if (fields.length !== 2)
    return `wanted two fields (seconds, Mbit/s), found ${fields.length}: "${fields.join(" ").slice(0, 60)}"`;
  const seconds = numberOf(time);
  if (seconds === undefined || seconds < 0 || (begun && seconds <= reached))
    return `field 1: wanted seconds after ${reached}, found "${time.slice(0, 40)}"`;
  const mbps = numberOf(bandwidth);
  if (mbps === undefined || mbps < 0)
    return `field 2: wanted Mbit/s of 0 or more, found "${bandwidth.slice(0, 40)}"`;
  return undefined;
}

function numberOf(text: string): number | undefined {
  const number = Number(text);
  return text === "" || !Number.isFinite(number) ? undefined : number;
}
