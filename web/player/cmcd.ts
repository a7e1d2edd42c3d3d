// Tells servers and the control plane how the play fares, by CMCD: a query behind each request for media, and events by POST.
// What servers say in return, by CMSD, is kept for the estimate; Shaka reads the highest rate (mb) itself.
//
// Shaka's own CMCD stays off: our retrievals choose the address of each attempt, and measure, below Shaka's requests.
import type { Observation } from "#play/beacons.ts";
import { type CmcdFacts, type CmcdObject, newTelling, toldWithRequest } from "#play/cmcd.ts";
import { type CmcdHappening, newCmcdEvents, stepCmcdEvents } from "#play/cmcd-events.ts";
import { hinted, type ServerHint } from "#play/cmsd.ts";
import { cmcdLines, cmcdQuery, cmcdType, readCmsdDynamic } from "#wire/cmcd.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { postCmcdPath } from "./client.ts";
import { clocksNow } from "./page-life.ts";
import type { Recorder } from "./recorder.ts";
import type { Telemetry } from "./telemetry.ts";

export interface CmcdPorts {
  readonly recorder: Pick<Recorder, "observation" | "note">;
  readonly video: { readonly playbackRate: number };
  readonly bufferMs: () => number;
}

/** How one attempt at a file went. */
export interface Attempted {
  readonly rendition: string;
  readonly file: string;
  readonly sourceId: string;
  readonly status: number | undefined;
  readonly ttfbMs: number | undefined;
  readonly ms: number;
  readonly cmsd: string | undefined;
}

const deadlineMs = 10_000;
/** Source: CTA-5004-B: the receiver wants no more of this session. */
const goneStatus = 410;

export class CmcdTeller implements Telemetry {
  readonly #ports: CmcdPorts;
  readonly #signal: AbortSignal;
  #sessionToken: string;
  #requests: ReturnType<typeof newTelling>;
  #events: ReturnType<typeof newCmcdEvents>;
  #hint: ServerHint | undefined;
  #paceKbps: number | undefined;

  constructor(answer: PlayAnswer, ports: CmcdPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#signal = signal;
    this.#sessionToken = answer.sessionToken;
    this.#requests = newTelling(answer.sessionId, answer.titleId);
    this.#events = newCmcdEvents(answer.sessionId, answer.titleId);
  }

  /** What stands behind the address of one attempt. */
  query(object: CmcdObject): string {
    const { telling, report } = toldWithRequest(this.#requests, this.#facts(), object);
    this.#requests = telling;
    return cmcdQuery(report);
  }

  attempted({ rendition, file, ...response }: Attempted): void {
    if (response.cmsd !== undefined) this.#heard(response.sourceId, response.cmsd);
    this.#step({ kind: "responded", response: { ...response, url: `${rendition}/${file}` } });
  }

  /** The estimate, with what servers say about the network. */
  hinted(ownKbps: number | undefined): number | undefined {
    return hinted(ownKbps, this.#hint, performance.now());
  }

  /** What the rule would have requests paced to from now on. */
  paced(kbps: number | undefined): void {
    this.#paceKbps = kbps;
  }

  observe(seen: Observation): void {
    if (seen.state === "failed" && this.#events.stateTold !== "f")
      this.#step({ kind: "failed", code: "fatal" });
    this.#step({ kind: "observed" }, seen);
  }

  /** The session's proof of now. */
  renew(sessionToken: string): void {
    this.#sessionToken = sessionToken;
  }

  hide(seen: Observation): void {
    this.#step({ kind: "leaving" }, seen);
  }

  leave(seen: Observation): void {
    this.#step({ kind: "leaving" }, seen);
  }

  #facts(seen = this.#ports.recorder.observation()): CmcdFacts {
    const { video, bufferMs } = this.#ports;
    const [playbackRate, paceKbps] = [video.playbackRate, this.#paceKbps];
    return { seen: { ...seen, bufferMs: bufferMs() }, playbackRate, paceKbps };
  }

  #step(happening: CmcdHappening, seen?: Observation): void {
    const { state, send } = stepCmcdEvents(this.#events, happening, this.#facts(seen), clocksNow());
    this.#events = state;
    const last = send.at(-1);
    if (last === undefined) return;
    const away = happening.kind === "leaving";
    const sent = this.#send(cmcdLines(send), away);
    // On leaving nobody may hear the answer, and the reports stay for the case that the page comes back.
    void sent.then((status) => {
      if (!away && !this.#signal.aborted) this.#step(answeredWith(status, last.sn));
    });
  }

  /** Status of the answer; 0 without one. */
  async #send(body: string, away: boolean): Promise<number> {
    const deadline = AbortSignal.timeout(deadlineMs);
    try {
      const answer = await fetch(postCmcdPath, {
        method: "POST",
        headers: { "content-type": cmcdType, authorization: `Bearer ${this.#sessionToken}` },
        body,
        keepalive: away,
        credentials: "same-origin",
        signal: away ? deadline : AbortSignal.any([deadline, this.#signal]),
      });
      return answer.status;
    } catch {
      return 0;
    }
  }

  #heard(sourceId: string, cmsd: string): void {
    const words = readCmsdDynamic(cmsd);
    if (words === undefined) return;
    if (words.duress && this.#hint?.duress !== true) {
      this.#ports.recorder.note(`${sourceId} says that it is under duress`);
    }
    this.#hint = { ...words, atMs: performance.now() };
  }
}

/** 429 and 5xx pass; any other 4xx says that these reports will never be taken. */
function answeredWith(status: number, upToSn: number): CmcdHappening {
  if (status >= 200 && status < 300) return { kind: "acknowledged", upToSn };
  if (status === goneStatus) return { kind: "gone" };
  if (status >= 400 && status < 500 && status !== 429) return { kind: "refused", upToSn };
  return { kind: "unsent" };
}

/** Both hear everything. */
export function both(one: Telemetry, other: Telemetry): Telemetry {
  return {
    observe: (seen) => [one, other].forEach((each) => void each.observe(seen)),
    hide: (seen) => [one, other].forEach((each) => void each.hide(seen)),
    leave: (seen) => [one, other].forEach((each) => void each.leave(seen)),
  };
}
