// Which segment of the timeline is meant: by a place in time, or from one to the next.
import type { Decided, Fetched, PlayLog } from "#play/log.ts";

/** The decision that held at that moment; before the first one it is the first. */
export function decisionAt({ decided }: Pick<PlayLog, "decided">, atMs: number): Decided | undefined {
  return decided.findLast((decision) => decision.atMs <= atMs) ?? decided[0];
}

/** From the chosen one, or from the newest when none is: by so many to the later ones, at most to either end. */
export function neighbourOf(
  decided: readonly Decided[],
  chosen: Decided | undefined,
  steps: number,
): Decided | undefined {
  const last = decided.length - 1;
  const at = chosen === undefined ? last : decided.findLastIndex((one) => one.atMs <= chosen.atMs);
  return decided[Math.min(last, Math.max(0, at + steps))];
}

/** How the segment that a decision was for came; undefined while it is under way, or when it came from before a seek. */
export function arrivalOf({ fetched }: Pick<PlayLog, "fetched">, decision: Decided): Fetched | undefined {
  return fetched.find(
    (one) => one.media === "video" && one.segment === decision.segment && one.atMs >= decision.atMs,
  );
}

/** What the picture shows at a moment; undefined where nothing was seen yet. */
export interface Readout {
  readonly atMs: number;
  readonly bufferMs: number | undefined;
  readonly height: number | undefined;
  readonly throughputKbps: number | undefined;
  readonly sourceId: string | undefined;
}

export function readoutAt(log: PlayLog, atMs: number): Readout {
  const video = log.fetched.filter((one) => one.media === "video");
  const came = video.findLast((one) => one.atMs <= atMs);
  const coming = video.find((one) => one.atMs - one.ms <= atMs && one.atMs >= atMs);
  return {
    atMs,
    bufferMs: log.buffer.findLast((seen) => seen.atMs <= atMs)?.bufferMs,
    height: log.decided.findLast((decision) => decision.atMs <= atMs)?.height,
    throughputKbps: came?.throughputKbps,
    sourceId: (coming ?? came)?.sourceId,
  };
}
