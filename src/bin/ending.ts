/** What has to be closed, in reverse order of opening. Each closing gets its turn even when an earlier one fails. */
export class Ending {
  readonly #steps: { readonly name: string; readonly close: () => Promise<void> }[] = [];

  add(name: string, close: () => Promise<void>): void {
    this.#steps.push({ name, close });
  }

  /** Closes everything; complaints are returned, not thrown, so that none of them hides another. */
  async run(): Promise<readonly string[]> {
    const complaints: string[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      await step.close().catch((error: unknown) => {
        complaints.push(`${step.name}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    return complaints;
  }
}
