// So many at a time, so many in line, the rest refused at once.
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";

export interface Turnstile {
  /** Waits for a turn. @throws Fault history-busy; the signal's reason */
  through<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

export function turnstile({
  atOnce,
  inLine,
}: {
  readonly atOnce: number;
  readonly inLine: number;
}): Turnstile {
  const line: (() => void)[] = [];
  let inside = 0;
  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const come = (): void => {
        signal.removeEventListener("abort", leave);
        inside += 1;
        resolve();
      };
      const leave = (): void => {
        const at = line.indexOf(come);
        if (at >= 0) line.splice(at, 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", leave, { once: true });
      line.push(come);
    });
  return {
    async through(work, signal) {
      signal.throwIfAborted();
      if (inside < atOnce) inside += 1;
      else if (line.length >= inLine) throw new Fault(dataFaults.historyBusy, { waiting: line.length });
      else await turn(signal);
      try {
        return await work();
      } finally {
        inside -= 1;
        line.shift()?.();
      }
    },
  };
}
