// Control's end of the feed from one appliance: what it holds of that appliance's routes, and what it makes of each message.
//
// Groups are taken over whole and in order, on top of exactly the state that they change. Whatever does not fit (a gap, a
// stream that is not known, a state recalled from disk) is answered with a token, and only the snapshot that carries the
// token replaces what is held. So a late copy of an older message can at most be taken for what was true then, before
// anything newer was; it can never undo what was taken since.
import type { RouteAnswer, RouteMessage, RoutePart, SessionState, SessionWord } from "#model/route-feed.ts";
import { HeardRoutes } from "./heard-routes.ts";
import { type RowChange, unpack } from "./route-rows.ts";
import type { SiteSteps, SiteView } from "./site-view.ts";

export interface FedSession {
  readonly state: SessionState;
  readonly routes: HeardRoutes;
}

export type FedSessions = ReadonlyMap<string, FedSession>;

interface Position {
  readonly stream: string;
  /** Of the last part that belongs to it. */
  readonly seq: number;
}

/** Stands in the first part of what was kept. */
export const recallToken = "recalled";

/** What a group takes so far: routes, and parts with their words on sessions. */
interface Size {
  readonly rows: number;
  readonly words: number;
}

/** Parts of one group and words in them: a full table in the smallest parts is 13 000. Chosen by us. */
const mostWords = 100_000;

type Staged = Size & StagedContent;

type StagedContent =
  | (Position & {
      readonly base: "nothing";
      readonly sessions: Map<string, FedSession>;
    })
  | (Position & { readonly base: "before"; readonly steps: Step[] });

interface Step {
  readonly words: readonly SessionWord[];
  readonly changes: readonly RowChange[];
}

/** A group that is complete. Its position counts from now on; its content once `settle` has run to its end. */
export type Commit =
  | { readonly base: "nothing"; readonly sessions: FedSessions }
  | { readonly base: "before"; readonly steps: readonly Step[] };

export type Taking =
  | { readonly kind: "answer"; readonly answer: RouteAnswer; readonly commit: Commit | undefined }
  | { readonly kind: "refused"; readonly because: string };

/**
 * `none`: nothing was ever heard. `waiting`: its first snapshot is on its way. `recalled`: what is held is from before
 * this control plane started. `behind`: what is held is true of some earlier moment, and a snapshot is awaited.
 */
export type FeedState = "none" | "waiting" | "recalled" | "behind" | "live";

export class RouteFeed {
  private readonly mostRows: number;
  private fed = new Map<string, FedSession>();
  private held: Position | undefined;
  private isRecalled = false;
  private isBehind = false;
  private staged: Staged | undefined;
  private wanted: string | undefined;

  /** `mostRows`: rows of one group, and so of one snapshot, that are taken. */
  constructor(mostRows: number) {
    this.mostRows = mostRows;
  }

  /** By id, as last taken over. */
  get sessions(): FedSessions {
    return this.fed;
  }

  get position(): Position | undefined {
    return this.held;
  }

  get state(): FeedState {
    if (this.held === undefined)
      return this.wanted === undefined && this.staged === undefined ? "none" : "waiting";
    if (this.isRecalled) return "recalled";
    return this.isBehind ? "behind" : "live";
  }

  /** `freshToken` is used when a snapshot has to be asked for and none is yet. */
  take(message: RouteMessage, freshToken: string): Taking {
    if (message.kind === "hello") {
      const { stream, seq, isSure } = message;
      const isHere = isSure && (this.isAt(this.held, stream, seq) || this.isAt(this.staged, stream, seq));
      if (!isHere) return this.resync(freshToken);
      if (this.isAt(this.held, stream, seq)) this.isBehind = false;
      return taken(seq);
    }
    const staged = this.staged?.stream === message.stream ? this.staged : undefined;
    const last = staged ?? (this.held?.stream === message.stream && !this.isRecalled ? this.held : undefined);
    const opens = message.base === "nothing" && message.isFirst;
    if (opens && message.token !== "" && message.token === this.wanted) return this.open(message);
    if (last === undefined) return this.resync(freshToken);
    if (message.seq <= last.seq) return taken(last.seq);
    if (message.seq !== last.seq + 1 || opens) return this.lost(freshToken);
    if (staged !== undefined)
      return message.base === staged.base && !message.isFirst
        ? this.stage(message, staged)
        : this.lost(freshToken);
    return message.isFirst ? this.open(message) : this.lost(freshToken);
  }

  /** What was kept on disk, as one snapshot. It answers until the appliance has told everything anew. */
  recall(parts: Iterable<RoutePart>): Taking {
    this.wanted = recallToken;
    let last: Taking = { kind: "refused", because: "nothing was kept" };
    for (const part of parts) {
      last = this.take(part, recallToken);
      if (last.kind === "refused") return last;
      if (last.answer.kind === "resync")
        return { kind: "refused", because: `part ${part.seq} does not follow` };
    }
    this.wanted = undefined;
    if (last.kind === "answer" && last.commit === undefined)
      return { kind: "refused", because: "its end is missing" };
    this.isRecalled = true;
    return last;
  }

  /** Puts a complete group into force. Drive it to its end before the next message is taken. */
  *settle(commit: Commit, site: SiteView): SiteSteps {
    if (commit.base === "nothing") {
      const before = this.fed;
      this.fed = new Map(commit.sessions);
      for (const [id, { routes }] of this.fed) yield* site.replace(before.get(id)?.routes, routes);
      for (const [id, { routes }] of before) {
        if (!this.fed.has(id)) yield* site.replace(routes, undefined);
      }
      return;
    }
    for (const { words, changes } of commit.steps) {
      for (const word of words) yield* this.heed(word, site);
      for (const { session, key, route } of changes) {
        const own = this.fed.get(session) ?? (yield* this.addSession(session, "up", site));
        yield site.change(own.routes, key, route);
      }
    }
  }

  /** Forgets everything: the appliance is silent, or stands elsewhere now. */
  *withdraw(site: SiteView): SiteSteps {
    const before = this.fed;
    this.fed = new Map();
    this.held = undefined;
    this.staged = undefined;
    this.wanted = undefined;
    this.isRecalled = false;
    this.isBehind = false;
    for (const { routes } of before.values()) yield* site.replace(routes, undefined);
  }

  private *heed(word: SessionWord, site: SiteView): SiteSteps {
    const before = this.fed.get(word.id);
    if (before !== undefined && (word.isAnew || word.state === "gone")) {
      this.fed.delete(word.id);
      yield* site.replace(before.routes, undefined);
    }
    if (word.state === "gone") return;
    const kept = this.fed.get(word.id);
    if (kept === undefined) yield* this.addSession(word.id, word.state, site);
    else this.fed.set(word.id, { state: word.state, routes: kept.routes });
  }

  private *addSession(id: string, state: SessionState, site: SiteView): Generator<undefined, FedSession> {
    const fresh: FedSession = { state, routes: new HeardRoutes() };
    this.fed.set(id, fresh);
    for (const _ of site.replace(undefined, fresh.routes)) yield undefined;
    return fresh;
  }

  private isAt(position: Position | undefined, stream: string, seq: number): boolean {
    return !this.isRecalled && position?.stream === stream && position.seq === seq;
  }

  /** The first part of a group. */
  private open(part: RoutePart): Taking {
    const { stream, seq } = part;
    const position = { stream, seq: seq - 1 };
    if (part.base === "nothing") {
      this.wanted = undefined;
      return this.stage(part, { ...position, base: "nothing", sessions: new Map(), rows: 0, words: 0 });
    }
    const rows = [...this.fed.values()].reduce((sum, { routes }) => sum + routes.size, 0);
    return this.stage(part, { ...position, base: "before", steps: [], rows, words: this.fed.size });
  }

  private stage(part: RoutePart, before: Staged): Taking {
    const unpacked = unpack(part);
    const words = before.words + 1 + part.sessions.length;
    if (unpacked.kind === "refused") return this.refused(unpacked.because);
    const rows = before.rows + unpacked.changes.length;
    const because = tooMuch({ rows, words }, this.mostRows);
    if (because !== undefined) return this.refused(because);
    const step = { words: part.sessions, changes: unpacked.changes };
    const position = { stream: part.stream, seq: part.seq, rows, words };
    const staged: Staged =
      before.base === "nothing"
        ? { ...position, base: "nothing", sessions: put(before.sessions, step) }
        : { ...position, base: "before", steps: added(before.steps, step) };
    if (!part.isLast) {
      this.staged = staged;
      return taken(part.seq);
    }
    this.staged = undefined;
    this.held = { stream: part.stream, seq: part.seq };
    this.isRecalled = false;
    this.isBehind = false;
    return taken(part.seq, staged);
  }

  private refused(because: string): Taking {
    this.staged = undefined;
    this.isBehind = true;
    return { kind: "refused", because };
  }

  private lost(freshToken: string): Taking {
    this.staged = undefined;
    return this.resync(freshToken);
  }

  private resync(freshToken: string): Taking {
    this.wanted ??= freshToken;
    this.isBehind = true;
    return { kind: "answer", answer: { kind: "resync", token: this.wanted }, commit: undefined };
  }
}

function tooMuch({ rows, words }: Size, mostRows: number): string | undefined {
  if (rows > mostRows) return `more than ${mostRows} routes, the most that are taken`;
  return words > mostWords ? `more than ${mostWords} parts and words on sessions at once` : undefined;
}

/** Nobody looks at them yet, so that they are written in place. */
function added(steps: Step[], step: Step): Step[] {
  steps.push(step);
  return steps;
}

function taken(seq: number, commit?: Commit): Taking {
  return { kind: "answer", answer: { kind: "taken", seq }, commit };
}

/** A step of a snapshot; nobody looks at it yet, so that it is written in place. */
function put(sessions: Map<string, FedSession>, { words, changes }: Step): Map<string, FedSession> {
  for (const { id, state, isAnew } of words) {
    const routes = isAnew ? undefined : sessions.get(id)?.routes;
    if (state === "gone") sessions.delete(id);
    else sessions.set(id, { state, routes: routes ?? new HeardRoutes() });
  }
  for (const { session, key, route } of changes) {
    const own = sessions.get(session) ?? { state: "up" as const, routes: new HeardRoutes() };
    sessions.set(session, own);
    if (route === undefined) own.routes.delete(key);
    else own.routes.set(key, route);
  }
  return sessions;
}
