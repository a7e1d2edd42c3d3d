// What each stage of an encode took: time on the wall, and processor time of its programs.
import type { Workshop } from "./workshop.ts";

export interface Stage {
  readonly name: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly jobs: number;
  /** Of the jobs, those an earlier run had finished. */
  readonly reused: number;
}

export interface StageClock {
  /** Closes the stage that began when the one before ended. */
  readonly ends: (name: string, counted: Pick<Stage, "jobs" | "reused">) => void;
  readonly stages: () => readonly Stage[];
}

type Counted = Pick<Stage, "jobs" | "reused">;

export function added(a: Counted, b: Counted): Counted {
  return { jobs: a.jobs + b.jobs, reused: a.reused + b.reused };
}

export function stagesOf(workshop: Workshop): StageClock {
  const stages: Stage[] = [];
  let [wall, cpu] = [performance.now(), workshop.cpuSeconds()];
  const ends: StageClock["ends"] = (name, counted) => {
    const [wallNow, cpuNow] = [performance.now(), workshop.cpuSeconds()];
    stages.push({ name, wallSeconds: (wallNow - wall) / 1000, cpuSeconds: cpuNow - cpu, ...counted });
    [wall, cpu] = [wallNow, cpuNow];
  };
  return { ends, stages: () => stages };
}
