// What sessions were sent, told by an agent in its reports, or by the origin to the control plane beside it.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { cut, nothingServed, type ServedBook, served, taken } from "#edge/served-book.ts";
import type { Clock } from "#units/clock.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { LoadMeter } from "./load.ts";
import type { NginxHandle } from "./nginx.ts";

/** The book over one life of whoever reads the log. */
export class ServedTeller {
  #book: ServedBook = nothingServed;

  /** Takes lines of the access log, each once. */
  read(lines: string): void {
    this.#book = served(this.#book, lines);
  }

  /** Its part of the agent's report. The last one waits for no company. */
  told(now: {
    readonly monoMs: number;
    readonly wallMs: number;
    readonly isLast: boolean;
  }): Pick<ApplianceReport, "served"> {
    this.#book = cut(this.#book, now.isLast ? Number.POSITIVE_INFINITY : now.monoMs);
    const { told } = this.#book;
    if (told === undefined) return {};
    return { served: { sentMs: now.wallMs, batch: told.batch, rows: [...told.rows] } };
  }

  taken(batch: number | undefined): void {
    if (batch !== undefined) this.#book = taken(this.#book, batch);
  }
}

/** Of a source that sends no reports: its log is read, bounded, and told until the signal's end. */
export async function tellServed(order: {
  readonly nginx: NginxHandle;
  readonly logBytes: number;
  readonly everyMs: number;
  readonly clock: Clock;
  /** Resolves with the batch that is kept; until then the same is told again. */
  readonly tell: (told: Pick<ApplianceReport, "bootId" | "served">) => Promise<number | undefined>;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { nginx, logBytes, everyMs, clock, tell, signal } = order;
  const bootId = randomUUID();
  const teller = new ServedTeller();
  const meter = new LoadMeter(nginx, logBytes, (lines) => teller.read(lines));
  while (!signal.aborted) {
    // A log that cannot be read now is read on at the next look.
    await meter.sample(clock.monoMs()).catch(() => undefined);
    const now = { monoMs: clock.monoMs(), wallMs: clock.wallMs(), isLast: false };
    const told = teller.told(now);
    if (told.served !== undefined) teller.taken(await tell({ bootId, ...told }));
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
  await meter.close();
}
