// What a side-by-side play is made of, before anything runs: who plays when, and how the link changes meanwhile. Pure.
//
// Recipe of the link: one HTB class whose rate changes with every period of the trace, a FIFO of bytes below it. A frame of
// 1514 bytes carries 1448 of a body (Ethernet, IPv4, TCP with timestamps), so the class gets 1514/1448 of the trace's rate.
import { type Period, type Trace, traceOf } from "#play/sim-network.ts";
import { assert } from "#units/assert.ts";

/** `ours` is our rule in Shaka Player; the others are as shipped. */
export const contestants = ["ours", "shaka", "hls.js", "dash.js"] as const;
export type Contestant = (typeof contestants)[number];

export interface Course {
  readonly trace: number;
  readonly run: number;
  readonly player: Contestant;
}

/**
 * Every player on every trace in every run. On a trace the four follow each other; who is first goes round from trace to trace and
 * from run to run, and every other run is turned round, so that a machine that becomes slower favours nobody.
 */
export function programme(traces: number, runs: number): readonly Course[] {
  const rounds = Array.from({ length: runs * traces }, (_, round) => round);
  return rounds.flatMap((round) => {
    const [trace, run] = [round % traces, Math.floor(round / traces)];
    const turn = (trace + run) % contestants.length;
    const order = [...contestants.slice(turn), ...contestants.slice(0, turn)];
    const players = run % 2 === 0 ? order : order.toReversed();
    return players.map((player) => ({ trace, run, player }));
  });
}

/** The link from `atMs` on. */
export interface Change {
  readonly atMs: number;
  /** Of the class, headers included. */
  readonly rateKbit: number;
  readonly burstBytes: number;
  /** The server holds its first byte back for so long, per request. */
  readonly latencyMs: number;
}

/** Wire bytes per byte of a body, in full frames. */
const wireShare = 1514 / 1448;
/** A kernel that ticks 250 times a second needs one and a half ticks of bytes at least, and two frames. */
const ticks = 250;
const leastBurst = 3200;
const leastQueue = 200_000;

/** The trace as changes of the link, begun again when it is over, for `lengthMs`. Equal neighbours are one. */
export function shaping(trace: Trace, lengthMs: number): readonly Change[] {
  const changes: Change[] = [];
  let [atMs, period] = [0, 0];
  while (atMs < lengthMs) {
    const change = changeAt(atMs, trace.kbps[period] ?? 0, trace.latencyMs[period] ?? 0);
    const last = changes.at(-1);
    if (last?.rateKbit !== change.rateKbit || last.latencyMs !== change.latencyMs) changes.push(change);
    atMs += trace.durationMs[period] ?? lengthMs;
    period = (period + 1) % trace.kbps.length;
  }
  return changes;
}

/** A class cannot stand still: without bandwidth it gets 1 kbit/s. */
function changeAt(atMs: number, kbps: number, latencyMs: number): Change {
  const rateKbit = Math.max(1, Math.round(kbps * wireShare));
  const burstBytes = Math.max(leastBurst, Math.ceil(((rateKbit * 125) / ticks) * 1.5));
  return { atMs, rateKbit, burstBytes, latencyMs };
}

/** For tc: the class at a rate. */
export function classWords(action: "add" | "change", device: string, change: Change): readonly string[] {
  const { rateKbit, burstBytes } = change;
  const place = ["class", action, "dev", device, "parent", "1:", "classid", "1:1", "htb"];
  const rate = ["rate", `${rateKbit}kbit`, "ceil", `${rateKbit}kbit`];
  return [...place, ...rate, "burst", `${burstBytes}`, "cburst", `${burstBytes}`];
}

/** Half a second of the highest rate, 200 kB at least. */
export function queueBytes(changes: readonly Change[]): number {
  return Math.max(leastQueue, ...changes.map(({ rateKbit }) => Math.ceil((rateKbit * 125) / 2)));
}

/** Mean rate over the first `lengthMs`, the trace begun again when it is over; kbit/s. */
export function meanKbps(trace: Trace, lengthMs: number): number {
  let [atMs, period, bits] = [0, 0, 0];
  while (atMs < lengthMs) {
    const ms = Math.min(trace.durationMs[period] ?? lengthMs, lengthMs - atMs);
    bits += ms * (trace.kbps[period] ?? 0);
    atMs += ms;
    period = (period + 1) % trace.kbps.length;
  }
  return bits / lengthMs;
}

/**
 * The trace brought to a film: all rates by one factor, so that the mean of the first `lengthMs` is `wantedKbps`. An LTE trace
 * of 30 Mbit/s would carry the highest rung of a small film at any time, and every rule would look alike.
 */
export function fitted(
  trace: Trace,
  wantedKbps: number,
  lengthMs: number,
): { readonly trace: Trace; readonly factor: number } {
  const mean = meanKbps(trace, lengthMs);
  assert(mean > 0, `trace ${trace.name} carries nothing in its first ${lengthMs} ms`);
  const factor = wantedKbps / mean;
  return { trace: { ...trace, kbps: trace.kbps.map((kbps) => kbps * factor) }, factor };
}

const steps: readonly (readonly [
  name: string,
  stepMs: number,
  latencyMs: number,
  kbps: readonly number[],
])[] = [
  ["stairs-down", 20_000, 80, [5000, 4000, 3000, 2000, 1000]],
  ["stairs-up", 20_000, 80, [1000, 2000, 3000, 4000, 5000]],
  ["stairs-high-low", 15_000, 40, [5000, 1000, 4000, 800]],
  ["stairs-spikes", 4000, 20, [3000, 600, 3000, 3000, 200, 3000]],
  ["stairs-outage", 12_000, 40, [3000, 3000, 100, 3000]],
  ["stairs-saw", 2000, 20, [500, 1000, 2000, 4000, 8000]],
];

/** Where no recorded networks are: made ones, which say less. */
export function stairs(): readonly Trace[] {
  return steps.map(([name, durationMs, latencyMs, rates]) => {
    const periods: readonly Period[] = rates.map((kbps) => ({ durationMs, kbps, latencyMs }));
    const made = traceOf(name, periods);
    assert(made.kind === "made", `${name} is a trace`);
    return made.trace;
  });
}
