// Whether there is a network: what the browser says, held against what arrives.
//
// "offline" is right nearly always, "online" only says that some interface is up. Bytes that arrive from an appliance disprove
// "offline" (a loopback, a second interface), so that a wrong word from the browser never stops a film.

export interface Connection {
  readonly online: boolean;
  /** A round through all sources brought nothing, and nothing arrived since. */
  readonly outageSinceMs: number | undefined;
}

export type ConnectionEvent =
  | { readonly kind: "offline" }
  | { readonly kind: "online" }
  | { readonly kind: "outage" }
  /** `startedMs`: when its request was made. */
  | { readonly kind: "arrived"; readonly startedMs: number };

export interface ConnectionStep {
  readonly state: Connection;
  /** Requests that pause should be made now. */
  readonly wake: boolean;
  readonly note: string | undefined;
}

export function newConnection(online: boolean): Connection {
  return { online, outageSinceMs: undefined };
}

export function stepConnection(state: Connection, event: ConnectionEvent, nowMs: number): ConnectionStep {
  switch (event.kind) {
    case "offline": {
      const next = { online: false, outageSinceMs: state.outageSinceMs ?? nowMs };
      return { state: next, wake: false, note: state.online ? "the browser has no network" : undefined };
    }
    case "online":
      return {
        state: { ...state, online: true },
        wake: true,
        note: state.online ? undefined : "the browser has a network again",
      };
    case "outage":
      return {
        state: { ...state, outageSinceMs: state.outageSinceMs ?? nowMs },
        wake: false,
        note: undefined,
      };
    case "arrived":
      return arrived(state, event.startedMs, nowMs);
  }
}

/** What was under way when the network went says nothing about it. */
function arrived(state: Connection, startedMs: number, nowMs: number): ConnectionStep {
  const { outageSinceMs } = state;
  const older = outageSinceMs === undefined || startedMs < outageSinceMs;
  if (older) return { state, wake: false, note: undefined };
  const seconds = ((nowMs - outageSinceMs) / 1000).toFixed(1);
  return {
    state: newConnection(true),
    wake: true,
    note: `the network carries again, after ${seconds} s`,
  };
}

/** What to tell the viewer, who sees a film that runs or stands still. */
export function noticeOf(state: Connection, bufferMs: number): string | undefined {
  if (state.outageSinceMs === undefined) return undefined;
  const what = state.online ? "No appliance answers" : "There is no connection";
  const seconds = Math.floor(bufferMs / 1000);
  return seconds >= 1
    ? `${what}. ${seconds} s of film are left; it goes on when the connection is back.`
    : `${what}. The film goes on when the connection is back.`;
}

/** How long film that lies ready lasts: at double speed half as long; for ever while the film is paused. */
export function drainMs(bufferMs: number, playbackRate: number): number {
  if (bufferMs <= 0) return 0;
  return playbackRate === 0 ? Number.POSITIVE_INFINITY : bufferMs / Math.abs(playbackRate);
}
