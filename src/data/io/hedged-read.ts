// One read of two servers: the first is asked; the second too when the first has nothing, is away, or takes long.
import type { KeptEntry } from "#data/cache-entry.ts";
import type { Hedge } from "#data/hedge.ts";
import type { Alarm, Alarms } from "./alarms.ts";

/** What one server said of a key. */
export type Answer = KeptEntry | "nothing" | Error;

export interface HedgedOrder {
  /** Never rejects: what went wrong is an answer too. */
  readonly ask: (place: number) => Promise<Answer>;
  readonly places: readonly [first: number, second: number];
  readonly alarms: Alarms;
  readonly hedge: Hedge;
  /** False: to take long is no reason. */
  readonly isHedged: boolean;
  readonly signal: AbortSignal | undefined;
  /** Told when the second is asked because the first takes long. */
  readonly onHedge: () => void;
}

export function hedgedRead(order: HedgedOrder): Promise<Answer> {
  return new Promise((resolve) => new Reading(order, resolve).begin());
}

class Reading implements Alarm {
  readonly atMs: number;
  slot: number | undefined;
  readonly #order: HedgedOrder;
  readonly #resolve: (answer: Answer) => void;
  readonly #begunMs = performance.now();
  readonly #answers: Answer[] = [];
  #hasAskedBoth = false;

  constructor(order: HedgedOrder, resolve: (answer: Answer) => void) {
    this.#order = order;
    this.#resolve = resolve;
    this.atMs = this.#begunMs + order.hedge.delayMs();
  }

  begin(): void {
    const { ask, places, alarms, hedge, isHedged } = this.#order;
    hedge.begun();
    if (isHedged) alarms.set(this);
    void ask(places[0]).then((answer) => {
      hedge.took(performance.now() - this.#begunMs);
      this.#take(answer);
    });
  }

  ring(): void {
    if (!this.#order.hedge.allows()) return;
    this.#order.onHedge();
    this.#askSecond();
  }

  #askSecond(): void {
    if (this.#hasAskedBoth) return;
    this.#hasAskedBoth = true;
    this.#order.alarms.clear(this);
    void this.#order.ask(this.#order.places[1]).then((answer) => this.#take(answer));
  }

  #take(answer: Answer): void {
    this.#answers.push(answer);
    const chosen = chosenOf(this.#answers);
    if (isEntry(chosen) || this.#answers.length === 2 || this.#order.signal?.aborted === true) {
      this.#order.alarms.clear(this);
      this.#resolve(chosen);
    } else this.#askSecond();
  }
}

function isEntry(answer: Answer): answer is KeptEntry {
  return answer !== "nothing" && !(answer instanceof Error);
}

/** A value, unless a tombstone on the other server is above it. Nothing, unless neither could be asked. */
export function chosenOf(answers: readonly Answer[]): Answer {
  const entries = answers.filter(isEntry);
  const below = Math.max(0, ...entries.map(({ kind, version }) => (kind === "tombstone" ? version : 0)));
  const value = entries.find(({ kind, version }) => kind === "value" && version >= below);
  if (value !== undefined) return value;
  return answers.some((answer) => !(answer instanceof Error)) ? "nothing" : (answers[0] ?? "nothing");
}
