// A session with one neighbour as data: what is agreed, which connections there are, and when what is due. The state
// machine of RFC 4271 §8 over it is in session.ts.
import { type Milliseconds, milliseconds } from "#units/quantity.ts";
import type { Agreement } from "./agreement.ts";
import type { Family } from "./family.ts";
import type { ProtocolError } from "./message.ts";
import type { Notification } from "./notification.ts";
import type { Open } from "./open.ts";
import type { RefreshKind } from "./route-refresh.ts";

/** What this side wants of a session. */
export interface SessionTerms {
  readonly localAs: number;
  readonly peerAs: number;
  readonly routerId: number;
  readonly families: readonly Family[];
  /** Families in which several paths of one prefix are wanted. */
  readonly addPath: readonly Family[];
  /** Waits for the neighbour to connect, and never connects itself. */
  readonly isPassive: boolean;
  /** 0, or at least 3. */
  readonly holdSeconds: number;
  /** How long the neighbour may take to send its OPEN. RFC 4271 §8.2.2 suggests 4 minutes. */
  readonly openHoldMs: number;
  /** How long a connection that came in waits for the neighbour's OPEN before ours is sent (RFC 4271 §8.1.1). */
  readonly openDelayMs: number;
  readonly connectRetryMs: number;
  /** Rest after the first error; doubled with each until `idleHoldMostMs`. */
  readonly idleHoldMs: number;
  readonly idleHoldMostMs: number;
  /** A session that lasted so long starts again with the shortest rest. */
  readonly steadyMs: number;
  readonly maxPrefixes: Readonly<Record<Family, number>>;
  /** Rest after too many prefixes. */
  readonly maxPrefixHoldMs: number;
  /** Octets of path attributes that are kept of one neighbour. */
  readonly mostAttributeOctets: number;
  /** How long what a lost neighbour said still counts, and how long a new one may take to say it again; 0: not at all. */
  readonly staleMs: number;
  /** Share of a period after which a timer really runs out, 0.75…1, other in each session (RFC 4271 §10). */
  readonly jitter: number;
}

/** RFC 4271's OpenSent, OpenConfirm and Established; `delayed` is a connection on which nothing was said yet. */
export type Phase = "delayed" | "open-sent" | "open-confirm" | "established";

/** One TCP connection to the neighbour; two for a moment, when both sides connect at once. */
export interface Link {
  readonly id: number;
  readonly direction: "in" | "out";
  readonly phase: Phase;
  /** When our OPEN is sent, though the neighbour's has not come. */
  readonly openDue: number | undefined;
  readonly holdDue: number | undefined;
  readonly keepaliveDue: number | undefined;
  readonly agreement: Agreement | undefined;
  readonly establishedAt: number | undefined;
}

/** Paths of a family that were said in the past and not again since. */
export interface StalePaths {
  readonly due: number;
  /** `restart`: the neighbour asked for it (RFC 4724); `loss`: our own patience; `refresh`: it is saying all again. */
  readonly because: "restart" | "loss" | "refresh";
}

export interface SessionState {
  readonly terms: SessionTerms;
  /** `stopped`: nobody wants it. `resting`: after an error. `waiting`: for a connection. `connecting`: ours is under way. */
  readonly mode: "stopped" | "resting" | "waiting" | "connecting";
  readonly restDue: number | undefined;
  readonly connectDue: number | undefined;
  /** The next rest. */
  readonly restMs: number;
  readonly links: readonly Link[];
  readonly stale: Readonly<Partial<Record<Family, StalePaths>>>;
  /** Families whose prefixes were told to be near the limit. */
  readonly warned: readonly Family[];
}

export type SessionEvent =
  | { readonly kind: "start" }
  | { readonly kind: "stop"; readonly subcode: number; readonly sentence: string }
  | { readonly kind: "tick" }
  | { readonly kind: "connected"; readonly link: number; readonly direction: "in" | "out" }
  | { readonly kind: "connect-failed"; readonly because: string }
  | { readonly kind: "closed"; readonly link: number; readonly because: string }
  | { readonly kind: "open"; readonly link: number; readonly open: Open }
  | { readonly kind: "keepalive"; readonly link: number }
  /** Any number of UPDATE messages were heard; `counts` is what the table holds now, `attributeOctets` what its attributes take. */
  | {
      readonly kind: "updates";
      readonly link: number;
      readonly counts: Readonly<Record<Family, number>>;
      readonly attributeOctets: number;
    }
  | { readonly kind: "end-of-rib"; readonly link: number; readonly family: Family }
  | { readonly kind: "refresh"; readonly link: number; readonly family: Family; readonly what: RefreshKind }
  | { readonly kind: "notification"; readonly link: number; readonly notification: Notification }
  /** What was heard is broken. */
  | { readonly kind: "broken"; readonly link: number; readonly error: ProtocolError }
  /** The operator wants everything said again. */
  | { readonly kind: "ask-again" };

export type SessionAction =
  | { readonly kind: "connect" }
  /** Forget the connection that is under way. */
  | { readonly kind: "abandon" }
  | { readonly kind: "send"; readonly link: number; readonly message: Uint8Array }
  | { readonly kind: "close"; readonly link: number }
  | { readonly kind: "established"; readonly link: number; readonly agreement: Agreement }
  /** Every path of the family is doubtful from now on. */
  | { readonly kind: "stale"; readonly family: Family }
  | { readonly kind: "sweep"; readonly family: Family; readonly which: "all" | "stale" }
  /** A family is whole: all that was to be said has been. */
  | { readonly kind: "complete"; readonly family: Family }
  | { readonly kind: "note"; readonly note: SessionNote };

/** What an operator may want to know. */
export interface SessionNote {
  readonly level: "info" | "warn";
  readonly what:
    | "established"
    | "lost"
    | "refused"
    | "notification-sent"
    | "notification-received"
    | "connect-failed"
    | "near-limit"
    | "too-many-prefixes"
    | "too-many-attributes"
    | "stale"
    | "stale-over"
    | "resting";
  readonly because: string;
}

/** Share of the limit of prefixes at which it is spoken of. */
export const nearLimit = 0.8;

export function idleSession(terms: SessionTerms): SessionState {
  return {
    terms,
    mode: "stopped",
    restDue: undefined,
    connectDue: undefined,
    restMs: terms.idleHoldMs,
    links: [],
    stale: {},
    warned: [],
  };
}

/** The name that RFC 4271 §8.2.2 gives the state. */
export function stateName(
  state: SessionState,
): "Idle" | "Connect" | "Active" | "OpenSent" | "OpenConfirm" | "Established" {
  const phases = state.links.map((link) => link.phase);
  if (phases.includes("established")) return "Established";
  if (phases.includes("open-confirm")) return "OpenConfirm";
  if (phases.includes("open-sent")) return "OpenSent";
  if (state.mode === "connecting") return "Connect";
  return state.mode === "waiting" ? "Active" : "Idle";
}

export function establishedLink(state: SessionState): Link | undefined {
  return state.links.find((link) => link.phase === "established");
}

/** When the next `tick` has something to do; undefined: never. */
export function nextDue(state: SessionState): Milliseconds | undefined {
  const dues = [
    state.restDue,
    state.connectDue,
    ...state.links.flatMap((link) => [link.openDue, link.holdDue, link.keepaliveDue]),
    ...Object.values(state.stale).map((paths) => paths.due),
  ].filter((due) => due !== undefined);
  return dues.length === 0 ? undefined : milliseconds(Math.min(...dues));
}
