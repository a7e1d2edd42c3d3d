// What a session was worth. Sabre's figures, by its definitions, and ours beside them.
import type { SessionEnd } from "./sim-player.ts";

/** A stall counts this many times its share of the time: γp of BOLA, as Sabre has it. */
const stallWeight = 5;

export interface SessionMetrics {
  /** From the request to the first frame. */
  readonly startupMs: number;
  readonly stallMs: number;
  readonly stalls: number;
  /** stall / (start-up + play + stall). */
  readonly rebufferRatio: number;
  /** Everything: start-up, film and stalls. */
  readonly totalMs: number;
  /** Σ R·V / total: waiting counts as nothing played. */
  readonly meanKbps: number;
  /** Σ |ΔR| / total, per mean segment length. */
  readonly changeKbps: number;
  readonly changeLog: number;
  /** Σ ln(R / R0)·V / total. */
  readonly utility: number;
  /** utility − 5 · rebufferRatio. */
  readonly score: number;
  /** Until a segment first plays that the network sustains; the whole film when none ever does. */
  readonly rampupMs: number;
  /** Sum of the times from a better network to a better picture. */
  readonly reactionMs: number;
  /** Mean VMAF of what was shown, weighted with time; undefined when the film was not scored with VMAF. */
  readonly meanQuality: number | undefined;
  readonly switches: number;
  /** Linear QoE in kbit/s per segment: (Σ R − Σ|ΔR| − R_top·(stall + start-up in s)) / segments. */
  readonly qoeKbps: number;
  readonly requests: number;
  readonly abandoned: number;
}

/**
 * Sources: Sabre for everything but `qoeKbps`, which is the linear QoE of "A Control-Theoretic Approach for Dynamic
 * Adaptive Video Streaming over HTTP", SIGCOMM 2015: λ = 1, and a second of waiting weighs as much as a segment at the
 * highest rate (3000 for the 3000 kbit/s of that paper, 4.3 for the 4.3 Mbit/s of Pensieve).
 */
export function metricsOf({ playout, startupMs, requests, abandoned }: SessionEnd): SessionMetrics {
  const { clockMs, stallMs, stalls, segmentMs, played } = playout;
  const over = (sum: number, whole: number): number => (whole > 0 ? sum / whole : 0);
  const rebufferRatio = over(stallMs, clockMs);
  const utility = over(playout.utilityMs, clockMs);
  const top = playout.kbps[playout.kbps.length - 1] ?? 0;
  const waitedS = (stallMs + startupMs) / 1000;
  return {
    startupMs,
    stallMs,
    stalls,
    rebufferRatio,
    totalMs: clockMs,
    meanKbps: over(playout.kbpsMs, clockMs),
    changeKbps: over(playout.changeKbps * segmentMs, clockMs),
    changeLog: over(playout.changeLog * segmentMs, clockMs),
    utility,
    score: utility - stallWeight * rebufferRatio,
    rampupMs: playout.rampupMs ?? playout.startMs[playout.startMs.length - 1] ?? 0,
    reactionMs: playout.reaction.totalMs,
    meanQuality:
      playout.film.segments.vmaf === undefined ? undefined : over(playout.vmafMs, playout.playedFilmMs),
    switches: playout.switches,
    qoeKbps: over(playout.sumKbps - playout.changeKbps - top * waitedS, played),
    requests,
    abandoned,
  };
}
