// A rule that may be exchanged for another while a film plays. The exchange happens at the next decision: what is under way is
// not touched. The new rule is told of the last segments first, so that it knows the network as its predecessor did.
import type { Downloaded, NamedRule, RuleSession } from "./rule.ts";
import type { Film } from "./types.ts";

/** As many as any rule looks back: the usual rate of the default rule, the five throughputs of MPC. Chosen by us. */
const toldAgain = 20;

export interface LiveRule {
  /** Stands where a rule is wanted. */
  readonly rule: NamedRule;
  /** Of the rule that makes the next decision. */
  readonly name: string;
  change(to: NamedRule): void;
}

export function liveRule(first: NamedRule): LiveRule {
  let wanted = first;
  const begin = (film: Film, maxBufferMs: number): RuleSession =>
    liveSession({ film, maxBufferMs, wanted: () => wanted }, undefined, []);
  return {
    rule: { name: "live", begin },
    get name() {
      return wanted.name;
    },
    change: (to) => {
      wanted = to;
    },
  };
}

interface Stage {
  readonly film: Film;
  readonly maxBufferMs: number;
  readonly wanted: () => NamedRule;
}

interface Running {
  readonly rule: NamedRule;
  readonly session: RuleSession;
}

function begun({ film, maxBufferMs, wanted }: Stage, past: readonly Downloaded[]): Running {
  const rule = wanted();
  const session = rule.begin(film, maxBufferMs);
  for (const download of past) session.downloaded(download);
  return { rule, session };
}

function liveSession(stage: Stage, from: Running | undefined, before: readonly Downloaded[]): RuleSession {
  let running = from ?? begun(stage, before);
  let past = before;
  const deciding = (): RuleSession => {
    if (stage.wanted() !== running.rule) running = begun(stage, past);
    return running.session;
  };
  return {
    get name() {
      return running.session.name;
    },
    get watchesProgress() {
      return running.session.watchesProgress;
    },
    get patience() {
      return running.session.patience;
    },
    decide: (context) => deciding().decide(context),
    explain: (context) => deciding().explain(context),
    grounds: (context) => deciding().grounds(context),
    downloaded: (download) => {
      past = [...past, download].slice(-toldAgain);
      running.session.downloaded(download);
    },
    delayed: (ms) => running.session.delayed(ms),
    sought: () => running.session.sought(),
    progressed: (progress) => running.session.progressed(progress),
    snapshot: () => liveSession(stage, { ...running, session: running.session.snapshot() }, past),
  };
}
