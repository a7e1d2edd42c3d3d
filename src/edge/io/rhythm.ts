// When the next report is due: at the interval that control names, at once when there is news, less often while nobody answers.
import { randomInt } from "node:crypto";
import { reportJitterPercent } from "#wire/appliance.ts";

/** After a failed report: not later than this, so that a control plane that is back is found again. */
const longestSilenceMs = 15_000;
/** Reports that are not yet due wait for each other this long. */
const coalesceMs = 60;
const longestDueMs = 3_600_000;

export class Rhythm {
  /** Named by control. */
  intervalMs: number;
  readonly #signal: AbortSignal;
  #failures = 0;
  #hasNews = false;
  #wake: () => void = () => undefined;

  constructor(intervalMs: number, signal: AbortSignal) {
    this.intervalMs = intervalMs;
    this.#signal = signal;
  }

  /** Failed reports in a row. */
  failures(): number {
    return this.#failures;
  }

  answered(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
  }

  /** What is known up to here goes into the report that is made now. */
  beginReport(): void {
    this.#hasNews = false;
  }

  /** A report is due at once. */
  nudge(): void {
    this.#hasNews = true;
    this.#wake();
  }

  /** The next report comes within this time when all is well, in ms. */
  dueWithinMs(): number {
    return Math.min(longestDueMs, Math.ceil((this.intervalMs * (100 + reportJitterPercent)) / 100));
  }

  /** Until the next report, or the signal's end. */
  async pause(): Promise<void> {
    const signal = this.#signal;
    if (signal.aborted) return;
    const due = this.#hasNews && this.#failures === 0 ? coalesceMs : this.#dueMs();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, due);
      const early = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", early);
        resolve();
      };
      signal.addEventListener("abort", early, { once: true });
      this.#wake = () => setTimeout(early, coalesceMs);
    });
    this.#wake = () => undefined;
  }

  #dueMs(): number {
    const doubled = this.intervalMs * 2 ** Math.min(this.#failures, 5);
    const base =
      this.#failures === 0 ? this.intervalMs : Math.min(doubled, Math.max(longestSilenceMs, this.intervalMs));
    return (base * randomInt(100 - reportJitterPercent, 101 + reportJitterPercent)) / 100;
  }
}
