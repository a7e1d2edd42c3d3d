// The intake of beacons with its figures, and the loop that writes the positions that wait in it.
import { setTimeout as rest } from "node:timers/promises";
import { Intake } from "#control/intake.ts";
import type { ControlPorts } from "#control/ports.ts";
import { eventClasses, type Tally } from "#control/thinning.ts";
import type { Clock } from "#units/clock.ts";
import type { Desk } from "./desk.ts";
import type { Meters } from "./meters.ts";
import type { TallyCounter } from "./tally-counter.ts";

const lookMs = 1000;

export function openIntake(
  { log, settings, clock }: Pick<ControlPorts, "log" | "settings"> & { readonly clock: Clock },
  meters: Pick<Meters, "eventsAttempted" | "lost">,
): Intake {
  const [attemptedMore, lostMore] = [adderOf(meters.eventsAttempted), adderOf(meters.lost)];
  return new Intake({
    log,
    positionEveryMs: settings.positionSeconds * 1000,
    nowMs: () => clock.monoMs(),
    count(attempted, dropped) {
      attemptedMore(attempted);
      lostMore(dropped);
    },
  });
}

function adderOf(counter: TallyCounter): (amounts: Tally) => void {
  const adders = eventClasses.map((name) => [name, counter.of({ class: name })] as const);
  return (amounts) => {
    for (const [name, add] of adders) add(amounts[name] ?? 0);
  };
}

/** What cannot be written waits for the next look: its players have it as well. */
export async function flushForever(desk: Desk, signal: AbortSignal): Promise<void> {
  const { ports, meters } = desk;
  while (!signal.aborted) {
    await rest(lookMs, undefined, { signal }).catch(() => undefined);
    await write(desk, signal.aborted ? "all" : "due");
    meters.logFill.set(ports.log.fill());
    meters.positionsWaiting.set(ports.intake.waiting);
  }
}

async function write({ ports, logger }: Desk, which: "due" | "all"): Promise<void> {
  await ports.intake
    .flush(which)
    .catch((error: unknown) =>
      logger.warn({ err: error }, "positions of sessions wait for room in the event log"),
    );
}
