// What a decision costs: `decide` timed call by call inside sessions, beside the timer alone; and sessions per second.
import { openScenario, type Stage } from "#play/io/scenario.ts";
import type { NamedRule } from "#play/rule.ts";
import { ruleNamed } from "#play/rules.ts";
import { type Scenario, scenarios } from "#play/scenarios.ts";
import { playSession } from "#play/sim-player.ts";

type Row = Readonly<Record<string, string | number>>;

/** 240 s of buffer are the longest look ahead. */
const measured = ["3G-VOD-25", "3G-VOD-240"];

const leastMs = 500;

export async function cost(names: readonly string[], quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(({ name }) => measured.includes(name))) {
    const whole = await openScenario(scenario);
    const stage = { ...whole, traces: whole.traces.slice(0, quick ? 5 : 30) };
    rows.push({
      scenario: scenario.name,
      rule: "empty call (reference)",
      ...percentiles(timerAlone(20_000)),
    });
    for (const name of names) rows.push(costOf(name, scenario, stage));
  }
  return rows;
}

function costOf(name: string, scenario: Scenario, { film, traces }: Stage): Row {
  const naming = ruleNamed(name);
  if (naming.kind === "unknown") throw new Error(`no rule ${name}`);
  const { rule } = naming.row;
  const times: number[] = [];
  const timed = timing(rule, times);
  const all = (by: NamedRule): void => {
    for (const trace of traces) playSession({ film, trace, rule: by, maxBufferMs: scenario.bufferMs });
  };
  const sessionsPerS = ratePerS(() => all(rule), traces.length);
  all(timed);
  return {
    scenario: scenario.name,
    rule: name,
    ...percentiles(times),
    sessionsPerS: Math.round(sessionsPerS),
    filmMinutes: Number((film.segments.durationMs.reduce((sum, ms) => sum + ms, 0) / 60_000).toFixed(1)),
  };
}

/** Thirty sessions take hundredths of a second: they are repeated until the compiler and the clock have had time. */
function ratePerS(once: () => void, count: number): number {
  const rate = (): number => {
    const begun = performance.now();
    let rounds = 0;
    while (performance.now() - begun < leastMs) {
      once();
      rounds += 1;
    }
    return (rounds * count * 1000) / (performance.now() - begun);
  };
  rate();
  return rate();
}

function timing(rule: NamedRule, times: number[]): NamedRule {
  return {
    name: rule.name,
    begin: (film, maxBufferMs) => {
      const session = rule.begin(film, maxBufferMs);
      return {
        ...session,
        decide: (context) => {
          const begun = performance.now();
          const choice = session.decide(context);
          times.push(performance.now() - begun);
          return choice;
        },
      };
    },
  };
}

function timerAlone(count: number): number[] {
  return Array.from({ length: count }, () => {
    const begun = performance.now();
    return performance.now() - begun;
  });
}

function percentiles(timesMs: readonly number[]): Row {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const us = (share: number): number =>
    Number((1000 * (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN)).toFixed(2));
  return { decisions: sorted.length, medianUs: us(0.5), p99Us: us(0.99) };
}
