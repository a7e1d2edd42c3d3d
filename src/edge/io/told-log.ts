// The agent's log, with its last lines kept so that reports can tell them.
import { type Log, secretKeys } from "#io/log.ts";
import { type AgentEvent, mostAgentEvents } from "#wire/appliance.ts";

const mostLetters = 300;
const told = ["info", "warn", "error"] as const;

export interface ToldLog {
  readonly log: Log;
  /** Oldest first. */
  events(): readonly AgentEvent[];
}

/** What goes into `log` goes into `inner` as well, by the same words. */
export function toldLog(inner: Log, wallMs: () => number): ToldLog {
  const kept: AgentEvent[] = [];
  const log = inner.child({});
  for (const level of told) {
    const write = log[level].bind(log);
    log[level] = (...said: unknown[]): void => {
      Reflect.apply(write, log, said);
      kept.push({ atMs: wallMs(), level, words: wordsOf(said) });
      if (kept.length > mostAgentEvents) kept.shift();
    };
  }
  return { log, events: () => [...kept] };
}

/** "nginx kind=started pid=17". Secrets stay out of it, as out of the log, and so does whatever is no plain value. */
function wordsOf([first, second]: readonly unknown[]): string {
  if (typeof first === "string") return first.slice(0, mostLetters);
  const facts = Object.entries(Object(first)).flatMap(([name, value]) => {
    const text = secretKeys.includes(name) ? undefined : plain(value);
    return text === undefined ? [] : [`${name}=${text}`];
  });
  return [...(typeof second === "string" ? [second] : []), ...facts].join(" ").slice(0, mostLetters);
}

function plain(value: unknown): string | undefined {
  if (value instanceof Error) return value.message;
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
}
