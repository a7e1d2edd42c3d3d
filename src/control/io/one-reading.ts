// Work that takes a good part of a second of this process is done one at a time; few wait for it, the rest are sent away at once.
import { controlFaults } from "#control/faults.ts";
import { Fault } from "#units/fault.ts";

/** When whoever is sent away may come again. */
const seconds = 5;

/** `most`: those that wait, with the one that is under way. */
export function oneReading(most: number): <T>(read: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let asked = 0;
  return async (read) => {
    if (asked >= most) throw new Fault(controlFaults.tooMany, { seconds });
    asked++;
    const mine = last.then(read).finally(() => asked--);
    // A reading that fails is its own asker's.
    last = mine.catch(() => undefined);
    return mine;
  };
}
