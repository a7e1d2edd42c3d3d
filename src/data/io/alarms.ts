// Many deadlines, nearly none of which is ever reached, on one timer: a timer of its own for each of 100,000 calls a second would
// be most of what a call costs.

export interface Alarm {
  /** Of performance.now(). */
  readonly atMs: number;
  ring(): void;
}

export class Alarms {
  readonly #set = new Set<Alarm>();
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  set(alarm: Alarm): void {
    this.#set.add(alarm);
    if (alarm.atMs < this.#timerAtMs) this.#wake(alarm.atMs);
  }

  clear(alarm: Alarm): void {
    this.#set.delete(alarm);
  }

  #wake(atMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, atMs - performance.now()));
  }

  #ring(): void {
    const now = performance.now();
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    let nextMs = Number.POSITIVE_INFINITY;
    const due: Alarm[] = [];
    for (const alarm of this.#set) {
      // Timers may be early by a part of a millisecond.
      if (alarm.atMs <= now + 0.5) due.push(alarm);
      else nextMs = Math.min(nextMs, alarm.atMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#wake(nextMs);
    for (const alarm of due) if (this.#set.delete(alarm)) alarm.ring();
  }
}
