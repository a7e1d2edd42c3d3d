// The two halves of the miss ledger on their way into the event log: decisions as plays begin, and what sources say they sent.
import type { PublishedTitle } from "#control/catalogue.ts";
import { recordOfDecision, recordsOfServed } from "#control/served.ts";
import type { Ranking } from "#model/steering.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import { type Desk, reachOf } from "./desk.ts";

/** Nobody's play waits for it: what is not written is counted, and its bytes are unjoined. */
export function tellDecision(
  desk: Desk,
  decision: { readonly sessionId: string; readonly title: PublishedTitle; readonly ranking: Ranking },
): void {
  const record = recordOfDecision({ ...decision, atMs: desk.clock.wallMs(), reach: reachOf(desk) });
  desk.ports.log.append([record]).catch(() => desk.meters.lost.inc({ class: "decision" }));
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
