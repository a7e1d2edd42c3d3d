// What an appliance tells control of the routes it hears, and what control answers. Written by bgp on the appliance,
// carried by wire, read by bgp in control.

/** What is compared between two routes for one prefix. */
export interface HeardRoute {
  /** Hops as RFC 4271 §9.1.2.2 counts them; 0 to 65535. */
  readonly asPathLength: number;
  /** 32 bits; an absent MED counts as 0. */
  readonly med: number;
  /** First AS of the path; 0 for an empty path. */
  readonly neighbourAs: number;
}

/** `stale`: the neighbour is gone and its routes are kept for a while (RFC 4724). */
export type SessionState = "up" | "stale";

/** What became of a session. `gone` takes all its routes with it. */
export interface SessionWord {
  readonly id: string;
  readonly state: SessionState | "gone";
  /** All its routes went before those of this message came: it was gone in between. */
  readonly isAnew: boolean;
}

/** Routes of one session, packed: see bgp/route-rows.ts. */
export interface PackedRows {
  readonly session: string;
  readonly announced: string;
  readonly withdrawn: string;
}

/** Nothing new: the appliance is there, and says what it thinks control has. */
export interface RouteHello {
  readonly kind: "hello";
  /** New at each start of the speaker. */
  readonly stream: string;
  /** Of the last part that was answered; 0 before the first. */
  readonly seq: number;
  /** False when changes were lost here: control must ask for everything. */
  readonly isSure: boolean;
  /** False until every neighbour has told its whole table. */
  readonly isWhole: boolean;
}

/**
 * One part of a group. Control takes a group over whole, with its last part: before that nothing of it is seen.
 *
 * A group on "nothing" is a snapshot and carries, in its first part, the token that control asked for it with. One on
 * "before" changes what control has. Numbers are consecutive over all parts of a stream.
 */
export interface RoutePart {
  readonly kind: "part";
  readonly stream: string;
  readonly seq: number;
  readonly base: "before" | "nothing";
  /** Empty but in the first part of a snapshot. */
  readonly token: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly sessions: readonly SessionWord[];
  /** AS-path length, MED, neighbour AS: rows speak of them by position. */
  readonly attributes: readonly (readonly [number, number, number])[];
  readonly rows: readonly PackedRows[];
}

export type RouteMessage = RouteHello | RoutePart;

export type RouteAnswer =
  /** Everything up to this number has arrived. */
  | { readonly kind: "taken"; readonly seq: number }
  /** Begin a snapshot with this token. */
  | { readonly kind: "resync"; readonly token: string };
