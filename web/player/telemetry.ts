// Carries beacons to the control plane: obeys play/beacons.ts, with fetch while the page lives and sendBeacon when it goes.
import type { Beacon } from "#model/beacon.ts";
import { type BeaconEvent, newBeacons, type Observation, stepBeacons } from "#play/beacons.ts";
import { ApiError, postJson } from "#web/api.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { playerEndpoints } from "./endpoints.ts";

export interface Telemetry {
  /** Call often: a beacon is made only when one is due. */
  observe(observation: Observation): void;
  /** The session's proof of now. */
  renew(sessionToken: string): void;
  /** The page is hidden: nobody may hear of it again. */
  hide(observation: Observation): void;
  /** The page or the player goes away. */
  leave(observation: Observation): void;
}

export function createTelemetry(answer: PlayAnswer, signal: AbortSignal): Telemetry {
  const { sessionId, heartbeatIntervalMs } = answer;
  let { sessionToken } = answer;
  let state = newBeacons(sessionId);
  const step = (event: BeaconEvent): ReturnType<typeof stepBeacons>["send"] => {
    const done = stepBeacons(state, event, performance.now(), heartbeatIntervalMs);
    state = done.state;
    return done.send;
  };
  const send = async (events: ReturnType<typeof step>): Promise<void> => {
    const last = events.at(-1);
    if (last === undefined) return;
    await send(step(await answerTo({ sessionToken, events }, last.seq, signal)));
  };
  return {
    renew: (token) => {
      sessionToken = token;
    },
    observe: (observation) => void send(step({ kind: "observed", observation })),
    hide: (observation) => sendAway(sessionToken, step({ kind: "hiding", observation })),
    leave: (observation) => sendAway(sessionToken, step({ kind: "leaving", observation })),
  };
}

/** The browser sends it after the page is gone. It refuses what is too much together with other pages' beacons: then the newer half. */
function sendAway(sessionToken: string, events: readonly Beacon[]): void {
  for (let kept = events; kept.length > 0; kept = kept.slice(Math.ceil(kept.length / 2))) {
    const body = new Blob([JSON.stringify({ sessionToken, events: kept })], { type: "application/json" });
    if (navigator.sendBeacon(playerEndpoints.telemetry, body)) return;
  }
}

async function answerTo(body: unknown, upToSeq: number, signal: AbortSignal): Promise<BeaconEvent> {
  try {
    await postJson(playerEndpoints.telemetry, body, undefined, signal);
    return { kind: "acknowledged", upToSeq };
  } catch (error) {
    // 429 and 5xx pass; any other 4xx says that these beacons will never be taken.
    const status = error instanceof ApiError ? error.status : 0;
    const refused = status >= 400 && status < 500 && status !== 429;
    return refused ? { kind: "refused", upToSeq } : { kind: "unsent" };
  }
}
