/** One row of a folder's `faults.ts`: what went wrong, in a sentence an operator can act on. */
export interface FaultRow {
  readonly code: string;
  /** HTTP status when the fault reaches a request border. */
  readonly status: number;
  /** One sentence; `{name}` is replaced from the fault's facts. */
  readonly sentence: string;
}

export type FaultTable = Readonly<Record<string, FaultRow>>;
export type Facts = Readonly<Record<string, string | number | boolean>>;

/**
 * The world failed (a file, a process, a peer). Thrown in `io/`, caught once: at the request border or in `bin/`.
 *
 * `facts` fill the sentence and go to the log; they never hold a secret.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: string;
  readonly status: number;
  readonly facts: Facts;

  constructor(row: FaultRow, facts: Facts = {}, cause?: unknown) {
    super(fill(row.sentence, facts), cause === undefined ? {} : { cause });
    this.code = row.code;
    this.status = row.status;
    this.facts = facts;
  }
}

function fill(sentence: string, facts: Facts): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (whole, key: string) => String(facts[key] ?? whole));
}
