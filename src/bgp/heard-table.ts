// A route source in memory: sessions with their routes, set whole, told as what changed.
import type { HeardRoute } from "#model/route-feed.ts";
import type { PrefixKey } from "./prefix-key.ts";
import type { RouteListener, RouteSource, SessionNow, SourceRow } from "./route-source.ts";
import { isSame } from "./site-view.ts";

export interface HeardSession extends SessionNow {
  readonly routes: ReadonlyMap<PrefixKey, HeardRoute>;
}

interface Kept extends SessionNow {
  readonly routes: Map<PrefixKey, HeardRoute>;
}

export class HeardTable implements RouteSource {
  private readonly kept = new Map<string, Kept>();
  private listener: RouteListener | undefined;
  private whole = false;

  isWhole(): boolean {
    return this.whole;
  }

  sessions(): Iterable<SessionNow> {
    return this.kept.values();
  }

  route(session: string, key: PrefixKey): HeardRoute | undefined {
    return this.kept.get(session)?.routes.get(key);
  }

  *rows(): Iterable<SourceRow> {
    for (const { id, routes } of this.kept.values()) {
      for (const [key, route] of routes) yield { session: id, key, route };
    }
  }

  listen(listener: RouteListener): void {
    this.listener = listener;
  }

  /** From now on these sessions and no others; the first call makes the table whole. */
  set(sessions: readonly HeardSession[]): void {
    const ids = new Set(sessions.map(({ id }) => id));
    for (const id of [...this.kept.keys()].filter((kept) => !ids.has(kept))) this.clear(id);
    for (const session of sessions) this.setSession(session);
    this.settle();
  }

  setSession({ id, state, routes }: HeardSession): void {
    const before = this.kept.get(id);
    const own = before?.routes ?? new Map<PrefixKey, HeardRoute>();
    this.kept.set(id, { id, state, routes: own });
    if (before?.state !== state) this.listener?.worded(id);
    for (const key of [...own.keys()].filter((held) => !routes.has(held))) this.put(id, key, undefined);
    for (const [key, route] of routes) if (!isSame(own.get(key), route)) this.put(id, key, route);
  }

  /** One route of a session that is there. */
  put(session: string, key: PrefixKey, route: HeardRoute | undefined): void {
    const routes = this.kept.get(session)?.routes;
    if (route === undefined) routes?.delete(key);
    else routes?.set(key, route);
    this.listener?.changed(session, key);
  }

  clear(session: string): void {
    if (this.kept.delete(session)) this.listener?.cleared(session);
  }

  settle(): void {
    if (this.whole) return;
    this.whole = true;
    this.listener?.settled();
  }
}
