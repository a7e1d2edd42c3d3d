// What the kernel's tables say of processes, and what is made of it: cost per byte, and ratios that are taken within a round.
import { median } from "./bench.ts";

/** One server under load once. */
export interface Sample {
  /** Of all its processes and threads. */
  readonly cpuSeconds: number;
  /** Bodies alone. */
  readonly bytes: number;
  readonly requests: number;
  readonly clientCpuSeconds: number;
}

export type Row = Readonly<Record<string, string | number>>;

/** CPU time of a thread, in seconds, from /proc/pid/task/tid/schedstat. Source: Documentation/scheduler/sched-stats.rst. */
export function cpuOfSchedstat(text: string): number {
  const nanoseconds = /^(\d+) \d+ \d+\s*$/.exec(text)?.[1];
  if (nanoseconds === undefined) throw new Error(`schedstat has three numbers, not ${JSON.stringify(text)}`);
  return Number(nanoseconds) / 1e9;
}

/** CPU time of a process with its threads, in seconds, from /proc/pid/stat, in ticks of 10 ms. Source: proc(5), fields 14 and 15. */
export function cpuOfStat(text: string): number {
  // The name in brackets may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  if (!Number.isFinite(ticks)) throw new Error(`no CPU time in ${JSON.stringify(text)}`);
  return ticks / 100;
}

/** CPUs that a process may run on, from /proc/pid/status. */
export function allowedCpus(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "";
  return list.split(",").flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    if (part === "" || Number.isNaN(first)) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Memory of a process, what it shares counted in part, in bytes, from /proc/pid/smaps_rollup. */
export function shareOfMemory(smaps: string): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(smaps)?.[1];
  if (kilobytes === undefined) throw new Error("smaps_rollup has no line Pss");
  return Number(kilobytes) * 1024;
}

/** CPU-seconds per GB (10⁹ bytes). */
export function costOf({ cpuSeconds, bytes }: Sample): number {
  return cpuSeconds / (bytes / 1e9);
}

export function microsecondsPerRequest({ cpuSeconds, requests }: Sample): number {
  return (cpuSeconds / requests) * 1e6;
}

/** How many times as much `ours` serves with the same CPU time, in each round with itself alone. */
export function worthsOf(ours: readonly Sample[], reference: readonly Sample[]): readonly number[] {
  return pairs(ours, reference).map(([mine, theirs]) => costOf(theirs) / costOf(mine));
}

/** What `more` costs beyond `less` per request, in µs: median over rounds. */
export function extraMicroseconds(more: readonly Sample[], less: readonly Sample[]): number {
  return median(pairs(more, less).map(([a, b]) => microsecondsPerRequest(a) - microsecondsPerRequest(b)));
}

function pairs(a: readonly Sample[], b: readonly Sample[]): readonly (readonly [Sample, Sample])[] {
  if (a.length !== b.length) throw new Error(`${a.length} rounds beside ${b.length}`);
  return a.flatMap((sample, round) => {
    const beside = b[round];
    return beside === undefined ? [] : [[sample, beside] as const];
  });
}

export function costRow(part: string, what: string, samples: readonly Sample[]): Row {
  const costs = samples.map(costOf);
  const client = samples.map(({ clientCpuSeconds, bytes }) => clientCpuSeconds / (bytes / 1e9));
  return {
    ...{ part, what, rounds: samples.length, cpuSecondsPerGb: digits(median(costs), 4) },
    lowestToHighest: `${digits(Math.min(...costs), 4)} to ${digits(Math.max(...costs), 4)}`,
    gbitPerCore: digits(8 / median(costs), 1),
    clientCpuSecondsPerGb: digits(median(client), 4),
  };
}

/** `holds` is judged by the figure itself, not by what is printed of it. */
export function barRow(part: string, what: string, figure: number, bar: readonly ["≥" | "≤", number]): Row {
  const holds = bar[0] === "≥" ? figure >= bar[1] : figure <= bar[1];
  return { part, what, figure: digits(figure, 3), bar: bar.join(" "), holds: String(holds) };
}

/** A median of rounds beside its bar; undecided where the middle half of the rounds lies on both sides of it. */
export function roundsRow(
  part: string,
  what: string,
  figures: readonly number[],
  bar: readonly ["≥" | "≤", number],
): Row {
  const sorted = [...figures].sort((a, b) => a - b);
  const outer = Math.floor(sorted.length / 4);
  const middle = sorted.slice(outer, sorted.length - outer);
  const verdicts = new Set(middle.map((figure) => barRow(part, what, figure, bar).holds));
  return {
    ...barRow(part, what, median(figures), bar),
    middleHalf: `${digits(middle.at(0) ?? Number.NaN, 3)} to ${digits(middle.at(-1) ?? Number.NaN, 3)}`,
    ...(verdicts.size > 1 ? { holds: "undecided" } : {}),
  };
}

/**
 * When a change was through: the first of an unbroken row of so many right answers at the end, in ms. Undefined while there is no
 * such row: one right answer may be a lucky one, of a worker that knows already.
 */
export function settledAt(
  answers: readonly { readonly atMs: number; readonly isRight: boolean }[],
  row: number,
): number | undefined {
  const last = answers.slice(-row);
  if (last.length < row || last.some(({ isRight }) => !isRight)) return undefined;
  return answers[answers.findLastIndex(({ isRight }) => !isRight) + 1]?.atMs;
}

/** Round by round another one begins, so that nobody is always the first after a pause. */
export function turned<T>(subjects: readonly T[], round: number): readonly T[] {
  const by = subjects.length === 0 ? 0 : round % subjects.length;
  return [...subjects.slice(by), ...subjects.slice(0, by)];
}

export function digits(value: number, count: number): number {
  return Number(value.toFixed(count));
}
