// One session's events in order: what each adds to the figures, and what of the session is remembered.
//
// Counters count from the start of the session, so that the event with the highest number says all there is to say, and what was lost
// or overtaken on its way is in it. Between two events the player was in the state that the earlier one told.
import { add, type Figures, noFigures, type Sum } from "./figures.ts";
import { firstSeen, hear, type Seen } from "./seen.ts";
import {
  type Labels,
  type Playing,
  type Source,
  type StreamEvent,
  type Told,
  unknown,
} from "./stream-event.ts";

/** A session between two of its events. */
export interface SessionState {
  readonly sessionId: string;
  readonly source: Source;
  /** Whether it is counted by this source. */
  readonly counts: boolean;
  /** As last told; what was told once is not unknown again. */
  readonly labels: Labels;
  readonly site: string;
  /** As last told; absent: never. */
  readonly playing?: Playing;
  readonly seen: Seen;
  readonly told: Told;
  readonly toldMs: number;
  /** Of its session window. */
  readonly startMs: number;
  readonly lastMs: number;
  readonly figures: Figures;
}

export interface Folded {
  readonly state: SessionState;
  /** What the event adds, and under which labels. */
  readonly added: Figures;
  readonly labels: Labels;
  readonly kind: "fresh" | "overtaken" | "joined";
}

const silent: Told = {
  state: "start",
  bitrateBps: 0,
  height: 0,
  stallCount: 0,
  stallMs: 0,
  switchCount: 0,
  startupMs: 0,
};

/**
 * Undefined for an event that was heard before.
 *
 * A session whose first event is not known (the log begins after it, or it was silent for longer than it is remembered) is joined:
 * what its counters say already is nobody's.
 */
export function foldEvent(
  before: SessionState | undefined,
  event: StreamEvent,
  gapMs: number,
): Folded | undefined {
  if (before === undefined) return opened(event, gapMs);
  const hearing = hear(before.seen, event.seq);
  if (hearing.kind === "repeated") return undefined;
  const known = { ...before, seen: hearing.seen, lastMs: Math.max(before.lastMs, event.atMs) };
  if (hearing.kind === "overtaken") return counted(known, event, answered(event), "overtaken");
  const told = { ...before.told, ...event.told };
  const added = difference(before, { ...event, told }, gapMs);
  return counted({ ...known, told, toldMs: event.atMs }, event, added, "fresh");
}

function opened(event: StreamEvent, gapMs: number): Folded {
  const joined = event.seq > 1;
  const told = joined ? { ...silent, ...event.told } : silent;
  const empty: SessionState = {
    sessionId: event.sessionId,
    source: event.source,
    counts: event.counts,
    labels: event.labels,
    site: event.site,
    seen: firstSeen(event.seq),
    told,
    toldMs: event.atMs,
    startMs: event.atMs,
    lastMs: event.atMs,
    figures: noFigures(),
  };
  const now = { ...silent, ...event.told };
  const added = difference(empty, { ...event, told: now }, gapMs);
  if (!joined && event.counts) added.plays = 1;
  return counted({ ...empty, told: now }, event, added, joined ? "joined" : "fresh");
}

function counted(state: SessionState, event: StreamEvent, added: Sum, kind: Folded["kind"]): Folded {
  const labels = {
    appliance: known(event.labels.appliance, state.labels.appliance),
    network: known(event.labels.network, state.labels.network),
    title: known(event.labels.title, state.labels.title),
    device: known(event.labels.device, state.labels.device),
  };
  const figures = noFigures();
  add(figures, state.figures);
  add(figures, added);
  const site = known(event.site, state.site);
  return { state: { ...state, ...played(state, event, kind), labels, site, figures }, added, labels, kind };
}

/** What was overtaken says what played before. */
function played(
  { playing }: SessionState,
  event: StreamEvent,
  kind: Folded["kind"],
): Pick<SessionState, "playing"> {
  if (event.playing === undefined) return {};
  return {
    playing: kind === "overtaken" ? { ...event.playing, ...playing } : { ...playing, ...event.playing },
  };
}

function known(now: string, before: string): string {
  return now === unknown ? before : now;
}

/** What any event adds, whatever came before it. */
function answered(event: StreamEvent): Sum {
  const sum = noFigures();
  if (event.counts) sum.events = 1;
  if (event.response !== undefined) sum.responses = 1;
  if (event.response === "bad") sum.badResponses = 1;
  return sum;
}

/**
 * From the event before to this one. Play time is the time between them without the stalls in it, if the earlier one was playing.
 * Over a silence longer than the gap nobody knows; what the counters say of it counts all the same.
 */
function difference(before: SessionState, event: StreamEvent & { readonly told: Told }, gapMs: number): Sum {
  const sum = answered(event);
  if (!event.counts) return sum;
  const [was, is] = [before.told, event.told];
  const passed = Math.max(0, event.atMs - before.toldMs);
  sum.stallMs = Math.max(0, is.stallMs - was.stallMs);
  sum.stalls = Math.max(0, is.stallCount - was.stallCount);
  sum.switches = Math.max(0, is.switchCount - was.switchCount);
  if (was.state === "playing" && passed <= gapMs) {
    sum.playMs = Math.max(0, passed - sum.stallMs);
    sum.playedBits = Math.floor((was.bitrateBps * sum.playMs) / 1000);
    sum.heightMs = was.height * sum.playMs;
  }
  if (was.startupMs === 0 && is.startupMs > 0) [sum.starts, sum.startupMs] = [1, is.startupMs];
  const over = was.state === "failed" || was.state === "closed";
  if (is.state === "failed" && was.state !== "failed") {
    if (is.startupMs > 0) sum.failures = 1;
    else sum.startFailures = 1;
  }
  if (is.state === "closed" && is.startupMs === 0 && !over) sum.exits = 1;
  return sum;
}
