// How Shaka is set up: it asks for segments and appends them; everything else that it could decide is decided by ours.
import type { ShakaManagers } from "#abr/shaka-managers.ts";
import type { BufferGoal } from "#play/buffer-goal.ts";
import type { Film } from "#play/types.ts";
import type { Network } from "./network.ts";
import type { ShakaPlayer, Variant } from "./shaka.ts";

export function configure(player: ShakaPlayer, network: Network, managers: ShakaManagers<Variant>): void {
  // One request of Shaka's is a whole retrieval of ours, with sources, deadlines and pauses of its own.
  const retryParameters = {
    maxAttempts: 1,
    baseDelay: 50,
    backoffFactor: 2,
    fuzzFactor: 0.5,
    timeout: 0,
    stallTimeout: 0,
    connectionTimeout: 0,
  };
  player.configure({
    abrFactory: managers.make,
    manifest: { retryParameters },
    streaming: {
      retryParameters,
      // A rung is never banned for what an appliance did.
      maxDisabledTime: 0,
      // Our timelines are exact: a start in the middle needs no segment before it.
      inaccurateManifestTolerance: 0,
      segmentPrefetchLimit: 0,
    },
  });
  player.getNetworkingEngine()?.registerRequestFilter(network.filter);
}

export function configureBuffer(player: ShakaPlayer, goal: BufferGoal, longestMs: number): void {
  // Shaka asks for one more segment while it is below its goal.
  const bufferingGoal = Math.max(longestMs, goal.aheadMs - longestMs) / 1000;
  player.configure({ streaming: { bufferingGoal, bufferBehind: goal.behindMs / 1000 } });
}

/** Shaka reads every rung from the manifest; what the play does not list is none of them. */
export function configureHeight(player: ShakaPlayer, film: Film): void {
  player.configure({ restrictions: { maxHeight: Math.max(...film.ladder.heights) } });
}

export function longestOf(film: Film): number {
  return Math.max(0, ...film.segments.durationMs);
}
