// Shaka makes a manager for each film that it prepares, and lets go of the one before when that film begins: so its factory makes
// a new one each time, and this keeps which one plays.
import { ShakaAbrManager, type ShakaOptions } from "./shaka.ts";
import type { ShakaVariant } from "./shaka-limits.ts";

/** Managers of films that were prepared and not played yet. */
const mostManagers = 8;

export class ShakaManagers<V extends ShakaVariant> {
  readonly #options: ShakaOptions;
  #all: readonly ShakaAbrManager<V>[] = [];
  #first = 0;

  constructor(options: ShakaOptions) {
    this.#options = options;
  }

  /** For `abrFactory`. */
  readonly make = (): ShakaAbrManager<V> => {
    const manager: ShakaAbrManager<V> = new ShakaAbrManager<V>({
      ...this.#options,
      // One that only prepares decides for itself.
      onDecision: (decision) => manager.plays && this.#options.onDecision?.(decision),
    });
    manager.sought(this.#first);
    this.#all = [...this.#all, manager].slice(-mostManagers);
    return manager;
  };

  get playing(): ShakaAbrManager<V> | undefined {
    return this.#all.findLast((manager) => manager.plays);
  }

  /** What is loaded next begins at this segment. Shaka may keep its manager for that. */
  begin(segment: number): void {
    this.#first = segment;
    for (const manager of this.#all) manager.sought(segment);
  }
}
