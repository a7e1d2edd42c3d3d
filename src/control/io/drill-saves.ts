// Which drills the database does not know as they stand. Saves of one drill come after each other, each of what stands then, so
// that an older one never lies over a newer; what could not be saved stays noted until it is.

export class DrillSaves {
  readonly #unsaved = new Set<string>();
  readonly #turns = new Map<string, Promise<void>>();

  /** It changed: whoever settles it next saves it. */
  changed(id: string): void {
    this.#unsaved.add(id);
  }

  /** Those that changed and were not saved since. */
  unsaved(): readonly string[] {
    return [...this.#unsaved];
  }

  /** After saves under way; nothing is saved that is down already. Throws what `save` throws, and then it stays unsaved. */
  settle(id: string, save: () => Promise<void>): Promise<void> {
    const mine = (this.#turns.get(id) ?? Promise.resolve()).then(() => this.#saveNow(id, save));
    const turn = mine
      .catch(() => undefined)
      .then(() => {
        if (this.#turns.get(id) === turn) this.#turns.delete(id);
      });
    this.#turns.set(id, turn);
    return mine;
  }

  async #saveNow(id: string, save: () => Promise<void>): Promise<void> {
    if (!this.#unsaved.delete(id)) return;
    try {
      await save();
    } catch (error) {
      this.#unsaved.add(id);
      throw error;
    }
  }
}
