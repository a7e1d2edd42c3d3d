// The two halves of the miss ledger on their way into the event log: decisions as plays begin, and what sources say they sent.
import type { PublishedTitle } from "#control/catalogue.ts";
import { recordOfDecision, recordsOfServed } from "#control/served.ts";
import type { Ranking } from "#model/steering.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { type Desk, reachOf } from "./desk.ts";

/**
 * Decisions wait for each other this long: one write for all of them, where each play's own would make the disk sync some two hundred
 * times a second beside the database's. What a kill takes with it is unjoined.
 */
const gatherMs = 250;

/** Above it a decision is not kept: the disk does not take what is waiting. */
const mostWaiting = 20_000;

const waiting = new WeakMap<Desk, Uint8Array[]>();

/** Nobody's play waits for it: what is not written is counted, and its bytes are unjoined. */
export function tellDecision(
  desk: Desk,
  decision: { readonly sessionId: string; readonly title: PublishedTitle; readonly ranking: Ranking },
): void {
  const record = recordOfDecision({ ...decision, atMs: desk.clock.wallMs(), reach: reachOf(desk) });
  const gathered = waiting.get(desk);
  if (gathered === undefined) {
    waiting.set(desk, [record]);
    setTimeout(() => void writeDecisions(desk), gatherMs).unref();
  } else if (gathered.length < mostWaiting) gathered.push(record);
  else desk.meters.lost.inc({ class: "decision" });
}

/** Writes what is gathered; also when the program ends. */
export async function writeDecisions(desk: Desk): Promise<void> {
  const gathered = waiting.get(desk) ?? [];
  waiting.delete(desk);
  if (gathered.length === 0) return;
  await desk.ports.log
    .append(gathered)
    .then(undefined, () => desk.meters.lost.inc({ class: "decision" }, gathered.length));
}

export type Told = Pick<ApplianceReport, "bootId" | "served">;

/** The batch that is on disk now; undefined: it has to be told again. */
export async function keepServed(
  desk: Desk,
  source: { readonly id: string; readonly siteId: string },
  { bootId, served }: Told,
): Promise<number | undefined> {
  if (served === undefined) return undefined;
  const records = recordsOfServed({ atMs: desk.clock.wallMs(), source, bootId, told: served });
  return desk.ports.log.append(records).then(
    () => served.batch,
    () => undefined,
  );
}
