// The last desired state that was taken over, kept for the next start.
import { complaintAbout } from "#edge/desired.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import type { Log } from "#io/log.ts";
import { type DesiredState, desiredState } from "#wire/appliance.ts";

/** The state of an earlier run; a file that is no such thing is as good as none. */
export async function recallDesired(path: string, log: Log): Promise<DesiredState | undefined> {
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const parsed = desiredState.safeParse(jsonOf(text));
  if (parsed.success && complaintAbout(parsed.data) === undefined) return parsed.data;
  log.warn({ file: path }, "the remembered state is unreadable and was not used");
  return undefined;
}

/** A state that could not be written counts all the same, until the next start: it is written as soon as that works. */
export class DesiredMemory {
  readonly #path: string;
  readonly #log: Log;
  #unkept: DesiredState | undefined;
  #trouble = "";

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** What the next start would not know; empty when it would know everything. */
  trouble(): string {
    return this.#trouble;
  }

  async keep(desired: DesiredState): Promise<void> {
    this.#unkept = desired;
    await this.keepUp();
  }

  /** Tries again what did not work. */
  async keepUp(): Promise<void> {
    const desired = this.#unkept;
    if (desired === undefined) return;
    try {
      await writeWhole(this.#path, JSON.stringify(desired), ownerOnly);
      this.#unkept = undefined;
      this.#trouble = "";
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const trouble = `epoch ${desired.epoch} is served, but could not be kept for the next start: ${error.message}`;
      if (trouble !== this.#trouble) this.#log.error({ err: error, epoch: desired.epoch }, trouble);
      this.#trouble = trouble;
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
