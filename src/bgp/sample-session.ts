// One side of a session for tests: a clock, and all that was done in short words.
import { assert } from "#units/assert.ts";
import { noCapabilities } from "./capability.ts";
import type { Family } from "./family.ts";
import type { Open } from "./open.ts";
import { sampleTerms } from "./sample-route.ts";
import { step } from "./session.ts";
import {
  idleSession,
  nextDue,
  type SessionAction,
  type SessionEvent,
  type SessionState,
  type SessionTerms,
  stateName,
} from "./session-state.ts";

export const peerOpen: Open = {
  as: 64_500,
  holdSeconds: 90,
  routerId: 9,
  capabilities: {
    ...noCapabilities,
    families: [4, 6],
    refresh: true,
    enhancedRefresh: true,
    fourOctetAs: 64_500,
  },
};
export const restarting = (forwarding: boolean): Open => ({
  ...peerOpen,
  capabilities: {
    ...peerOpen.capabilities,
    gracefulRestart: {
      isRestarted: false,
      restartSeconds: 60,
      families: [4, 6].map((family) => ({ family: family === 4 ? 4 : 6, isForwardingKept: forwarding })),
    },
  },
});

/** One side of a session, a clock, and all that was done so far in short words. */
export class Side {
  state: SessionState;
  now = 0;
  said: string[] = [];

  constructor(terms: Partial<SessionTerms> = {}) {
    this.state = idleSession({ ...sampleTerms, ...terms });
  }

  /** Takes events in and returns what was done. */
  take(...events: readonly SessionEvent[]): string[] {
    const done: string[] = [];
    for (const event of events) {
      const { state, actions } = step(this.state, event, this.now);
      this.state = state;
      done.push(...actions.map(worded).filter((word) => word !== ""));
    }
    this.said.push(...done);
    return done;
  }

  /** Lets time pass, with every tick that falls due. */
  wait(ms: number): string[] {
    const done: string[] = [];
    const end = this.now + ms;
    for (let due = nextDue(this.state); due !== undefined && due <= end; due = nextDue(this.state)) {
      assert(due >= this.now - 1 || done.length < 1000, "time does not pass");
      this.now = Math.max(this.now, due);
      done.push(...this.take({ kind: "tick" }));
    }
    this.now = end;
    return done;
  }

  get name(): string {
    return stateName(this.state);
  }

  /** All the way to Established over connection 1. */
  establish(open = peerOpen, link = 1): this {
    if (this.state.mode === "stopped") this.take({ kind: "start" });
    this.take(
      { kind: "connected", link, direction: "in" },
      { kind: "open", link, open },
      { kind: "keepalive", link },
    );
    assert(this.name === "Established", `${this.name} instead of Established`);
    this.said = [];
    return this;
  }
}

const kinds = ["", "open", "update", "notification", "keepalive", "refresh"];

function worded(action: SessionAction): string {
  switch (action.kind) {
    case "send": {
      const kind = kinds[action.message[18] ?? 0] ?? "";
      const error = kind === "notification" ? ` ${action.message[19]}/${action.message[20]}` : "";
      return `send ${kind}${error} on ${action.link}`;
    }
    case "close":
      return `close ${action.link}`;
    case "established":
      return `established ${action.link}`;
    case "stale":
    case "complete":
      return `${action.kind} ${action.family}`;
    case "sweep":
      return `sweep ${action.which} ${action.family}`;
    case "note":
      return "";
    default:
      return action.kind;
  }
}

export function updates(v4: number, v6 = 0, link = 1): Extract<SessionEvent, { kind: "updates" }> {
  return { kind: "updates", link, counts: { 4: v4, 6: v6 }, attributeOctets: 0 };
}

export function endOfRib(family: Family, link = 1): SessionEvent {
  return { kind: "end-of-rib", link, family };
}

export const lost: SessionEvent = { kind: "closed", link: 1, because: "reset" };
