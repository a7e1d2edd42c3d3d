// The truth about one appliance, gathered for a report.
import type { ApplianceReport } from "#wire/appliance.ts";
import type { Fill } from "./fill.ts";
import type { HealthMeter } from "./health.ts";
import type { LoadMeter } from "./load.ts";
import type { MissBook } from "./misses.ts";
import { type ServingHandle, toldOfServing } from "./nginx-serving.ts";
import type { Scrubber } from "./scrubber.ts";
import type { ServedTeller } from "./served.ts";

/** What works in one life of an agent. */
export interface Gauges {
  readonly nginx: ServingHandle;
  readonly fill: Fill;
  readonly scrubber: Scrubber;
  readonly meter: LoadMeter;
  readonly health: HealthMeter;
  readonly misses: MissBook;
  readonly served: ServedTeller;
}

/** What the agent itself knows. */
export type OwnWords = Pick<
  ApplianceReport,
  "bootId" | "baseUrl" | "draining" | "desiredEpoch" | "nextReportMs" | "events"
> & {
  readonly budgetBytes: number;
  readonly refusal: string;
  readonly nowMs: number;
  readonly wallMs: number;
};

/** Of the gauges, what a report reads. */
export interface Readings {
  readonly nginx: Pick<ServingHandle, "status" | "trouble" | "tls" | "http3">;
  readonly fill: Pick<Fill, "report">;
  readonly scrubber: Pick<Scrubber, "report">;
  readonly meter: Pick<LoadMeter, "sample">;
  readonly health: Pick<HealthMeter, "sample" | "seenTls">;
  readonly misses: Pick<MissBook, "told">;
  readonly served: Pick<ServedTeller, "told">;
}

export async function reportOf(gauges: Readings, words: OwnWords): Promise<ApplianceReport> {
  const { nginx, fill, scrubber, meter } = gauges;
  const { budgetBytes, refusal, nowMs, wallMs, ...own } = words;
  const [{ tlsConnections, ...load }, { handles, check, ...disk }] = await Promise.all([
    meter.sample(nowMs),
    gauges.health.sample(),
  ]);
  const { usedBytes, verified, version: _, rotten, window, ...counts } = fill.report();
  return {
    ...own,
    nginx: nginx.status(),
    trouble: nginx.trouble().slice(0, 500),
    verified: [...verified],
    load,
    disk: { usedBytes, budgetBytes, ...disk },
    fill: {
      ...counts,
      bytes: counts.bytesFromPeers + counts.bytesFromTier + counts.bytesFromOrigin,
      ...(window === undefined ? {} : { window }),
      lastProblem: (refusal || counts.lastProblem).slice(0, 500),
    },
    scrub: { ...scrubber.report(), rotten },
    ...toldOfServing(nginx, await gauges.health.seenTls(tlsConnections)),
    ...gauges.misses.told(),
    ...gauges.served.told({ monoMs: nowMs, wallMs, isLast: words.draining }),
    ...(handles === undefined ? {} : { handles }),
    ...(check === undefined ? {} : { check }),
  };
}
