// What an ABR rule is: pure functions over a state that is plain data. A snapshot of a rule is its state, so that a player
// that was suspended, a simulator that branches and a test that compares all restore it by keeping a value.
//
// `decide` may be asked any number of times for one segment (hls.js asks up to three times): it changes nothing. The state it
// hands back is taken over only when something then happens to that segment: `RuleSession` keeps that order.
import type { Context, Film } from "./types.ts";

/** What a rule answers: the rung of the next segment, and how much longer to hold its request back. */
export interface Choice {
  readonly rung: number;
  /** Wanted by the rule itself, beyond the wait for room in the buffer. Finite, not negative. */
  readonly waitMs: number;
  /** How fast the appliance should send, at most; undefined: as fast as it can. */
  readonly paceKbps?: number;
}

/** What a choice was held against, of the moment of the decision, for a page that draws it. */
export interface Grounds {
  /** Below it the buffer must not fall in what is planned. */
  readonly reserveMs: number;
  /** What may be spent without any buffer; undefined where no estimate is asked. */
  readonly floorKbps: number | undefined;
  /** Where the cushion over the reserve ends; undefined: at the fullest buffer. */
  readonly topMs?: number;
  /** f(B): the rate that the buffer stands for, of rules that map one to the other. */
  readonly mapKbps?: number;
}

/** A request for a segment that came to its end. */
export interface Downloaded {
  readonly segment: number;
  readonly rung: number;
  /** Bits that arrived; less than the segment's when it was abandoned. */
  readonly bits: number;
  /** From request to last byte. */
  readonly ms: number;
  /** From request to first byte. */
  readonly ttfbMs: number;
  readonly bufferAtRequestMs: number;
  /** What lies ready now, this segment included. After a stall it is more than what the request's duration suggests. */
  readonly bufferMs: number;
  /** The rung that the rule advised when it gave the request up; undefined when the segment is whole. */
  readonly abandonedTo: number | undefined;
  /** The segment replaced one that lay in the buffer already. */
  readonly replacement: boolean;
}

/** A request under way. */
export interface Progress {
  readonly segment: number;
  readonly rung: number;
  /** Size of the whole segment. */
  readonly bits: number;
  readonly arrivedBits: number;
  /** Since the request. */
  readonly ms: number;
  readonly ttfbMs: number;
  /** What lies ready now, not at the request. */
  readonly bufferMs: number;
  /** The estimate of the time to a first byte, as the decision saw it: another request would pay it again. */
  readonly latencyMs: number;
}

/** Reports that a rule surely answers with "let it run", and that need not be made. Without it, every report is made. */
export interface Patience {
  /** Reports earlier than this after the request. */
  readonly graceMs: number;
  /** Reports that, at the mean rate since the first byte, foresee an end within this many lengths of the segment. */
  readonly lengths: number;
}

/** A rule as pure functions. `State` survives `structuredClone` and JSON. */
export interface Rule<State> {
  readonly name: string;
  start(film: Film, maxBufferMs: number): State;
  decide(film: Film, state: State, context: Context): { readonly choice: Choice; readonly state: State };
  /** One sentence of at most 400 characters with the numbers that decided; made only when someone reads it. */
  explain(film: Film, state: State, context: Context): string;
  /** Undefined where the rule computes none; made only when someone draws it. */
  grounds?(film: Film, state: State, context: Context): Grounds | undefined;
  downloaded?(film: Film, state: State, download: Downloaded): State;
  /** The player waited for room in the buffer. A wait that the rule asked for is not reported. */
  delayed?(film: Film, state: State, ms: number): State;
  /** The viewer went elsewhere: the buffer is empty. */
  sought?(film: Film, state: State): State;
  /** The rung to give the request up for; undefined: let it run. */
  progressed?(film: Film, state: State, progress: Progress): number | undefined;
  readonly patience?: Patience;
}

/** A rule under way: the one place that holds its state. */
export interface RuleSession {
  readonly name: string;
  /** False: progress need not be reported. */
  readonly watchesProgress: boolean;
  readonly patience: Patience | undefined;
  /** Asked twice with the same context, it answers the same. */
  decide(context: Context): Choice;
  explain(context: Context): string;
  grounds(context: Context): Grounds | undefined;
  downloaded(download: Downloaded): void;
  delayed(ms: number): void;
  sought(): void;
  progressed(progress: Progress): number | undefined;
  /** Another session at the same point: what happens to one does not reach the other. */
  snapshot(): RuleSession;
}

/** A rule as tables of rules list it, whatever its state is. */
export interface NamedRule {
  readonly name: string;
  begin(film: Film, maxBufferMs: number): RuleSession;
}

export function named<State>(rule: Rule<State>): NamedRule {
  return {
    name: rule.name,
    begin: (film, maxBufferMs) => sessionOf(rule, film, rule.start(film, maxBufferMs)),
  };
}

/** `pending` is the state after the last decision, until something happens to its segment. */
function sessionOf<State>(rule: Rule<State>, film: Film, from: State, pending?: State): RuleSession {
  let state = from;
  let decided = pending;
  const advance = (step: ((state: State) => State) | undefined): void => {
    const reached = decided ?? state;
    decided = undefined;
    state = step === undefined ? reached : step(reached);
  };
  return {
    name: rule.name,
    watchesProgress: rule.progressed !== undefined,
    patience: rule.patience,
    decide: (context) => {
      const next = rule.decide(film, state, context);
      decided = next.state;
      return next.choice;
    },
    explain: (context) => rule.explain(film, state, context),
    grounds: (context) => rule.grounds?.(film, state, context),
    downloaded: (download) => advance((now) => rule.downloaded?.(film, now, download) ?? now),
    delayed: (ms) => advance((now) => rule.delayed?.(film, now, ms) ?? now),
    sought: () => advance((now) => rule.sought?.(film, now) ?? now),
    progressed: (progress) => rule.progressed?.(film, decided ?? state, progress),
    snapshot: () => sessionOf(rule, film, state, decided),
  };
}
