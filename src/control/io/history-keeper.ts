// What viewing history needs done beside requests: erasures carried out where it lies, and old plays packed.
import { setTimeout as rest } from "node:timers/promises";
import type { ControlPorts } from "#control/ports.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";

export interface KeeperOrder {
  readonly ports: Pick<ControlPorts, "stores" | "settings">;
  readonly clock: Clock;
  readonly logger: Log;
}

/** A beacon that was under way when its profile was erased is written, or was given up, long before. */
const lateMs = 600_000;
const erasuresPerTurn = 1000;
const rollsPerTurn = 1000;
const turnMs = 5000;

export async function keepHistory(order: KeeperOrder, signal: AbortSignal): Promise<void> {
  const { ports, clock, logger } = order;
  let rolledMs = clock.monoMs();
  const once = new Set<string>();
  // The first question connects, so that no viewer waits for that.
  await ports.stores.history.ping(signal).catch(() => undefined);
  while (!signal.aborted) {
    try {
      await carryOutErasures(order, once, signal);
      if (clock.monoMs() - rolledMs >= ports.settings.historyRollMinutes * 60_000) {
        rolledMs = clock.monoMs();
        await rollUpDue(order, signal);
      }
    } catch (error) {
      // What is away was said by its own link; erasures stay in their table, and rows where they are.
      if (!signal.aborted && ports.stores.history.trouble() === undefined) {
        logger.warn({ err: error }, "viewing history was not looked after; it is tried again");
      }
    }
    await rest(turnMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Each at once, and once more when nothing late can come any more: then its row goes. `once`: those that were erased before. */
export async function carryOutErasures(
  { ports, clock }: Pick<KeeperOrder, "ports" | "clock">,
  once: Set<string>,
  signal?: AbortSignal,
): Promise<void> {
  const { history, erasures } = ports.stores;
  const pending = await erasures.pending(erasuresPerTurn);
  const over: string[] = [];
  for (const { profileId, askedAtMs } of pending) {
    const isLast = clock.wallMs() - askedAtMs > lateMs;
    if (once.has(profileId) && !isLast) continue;
    await history.erase(profileId, signal);
    once.add(profileId);
    if (isLast) over.push(profileId);
  }
  await erasures.done(over);
  for (const profileId of over) once.delete(profileId);
}

async function rollUpDue({ ports, clock, logger }: KeeperOrder, signal: AbortSignal): Promise<void> {
  const { history } = ports.stores;
  let moved = 0;
  for (const profileId of await history.due(clock.wallMs(), rollsPerTurn)) {
    signal.throwIfAborted();
    moved += (await history.rollup(profileId, clock.wallMs(), signal)).moved;
  }
  if (moved > 0) logger.info({ plays: moved }, "old plays of viewing histories were packed");
}
