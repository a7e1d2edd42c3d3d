// What the feed to control asks of whoever hears routes on an appliance: a BGP speaker, or a file.
import type { HeardRoute, SessionState } from "#model/route-feed.ts";
import type { PrefixKey } from "./prefix-key.ts";

export interface SessionNow {
  readonly id: string;
  readonly state: SessionState;
}

export interface SourceRow {
  readonly session: string;
  readonly key: PrefixKey;
  readonly route: HeardRoute;
}

/** Told after the source has changed, never while it is read. */
export interface RouteListener {
  /** A session's best route for a prefix is another one, or there is none any more. */
  changed(session: string, key: PrefixKey): void;
  /** A session came, became stale, or is up again. Up again after stale: only once it told its whole table. */
  worded(session: string): void;
  /** A session is gone, and all its routes with it. The source ran the stale timer; nobody is told of each prefix. */
  cleared(session: string): void;
  /** `isWhole` may have changed. */
  settled(): void;
}

export interface RouteSource {
  /** True once every neighbour has told its whole table (End-of-RIB), or is waited for no longer. Stays true. */
  isWhole(): boolean;
  sessions(): Iterable<SessionNow>;
  /** The best route of one session for a prefix, now. */
  route(session: string, key: PrefixKey): HeardRoute | undefined;
  /**
   * Everything, read bit by bit while the source goes on changing. A row that does not change while it is read must come
   * once; one that changes may come as it was, as it is, or not at all: the listener is told of it.
   */
  rows(): Iterable<SourceRow>;
  /** At most one. */
  listen(listener: RouteListener): void;
}
