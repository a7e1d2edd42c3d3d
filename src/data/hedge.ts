// When a read that waits asks a second server too: after the time within which 95 of 100 recent reads were answered.
// Source: J. Dean and L. Barroso, "The Tail at Scale" (2013), hedged requests.

const remembered = 256;
/** So often the time is worked out anew. */
const every = 64;
/** Timers are no finer. */
const leastMs = 1;
/** Reads that may ask twice, of all: where every server is slow, asking twice would only make it worse. */
const share = 0.1;
const mostSaved = 10;

export class Hedge {
  readonly #recent = new Float64Array(remembered);
  #count = 0;
  #delayMs = leastMs;
  /** Second questions that may be asked. */
  #saved = 1;

  /** How long a read waits before it asks again. */
  delayMs(): number {
    return this.#delayMs;
  }

  /** What one read took, from asking to its first server's answer. */
  took(ms: number): void {
    this.#recent[this.#count % remembered] = ms;
    this.#count += 1;
    if (this.#count % every !== 0) return;
    const sorted = this.#recent.slice(0, Math.min(this.#count, remembered)).sort();
    this.#delayMs = Math.max(leastMs, sorted[Math.floor(sorted.length * 0.95)] ?? leastMs);
  }

  begun(): void {
    this.#saved = Math.min(mostSaved, this.#saved + share);
  }

  /** Whether this read may ask again now. */
  allows(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
