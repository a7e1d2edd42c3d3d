// All that is known of a machine and its site, judged.
import type { CheckFinding, CheckProfile } from "#model/site-check.ts";
import type { Told } from "./check.ts";
import { judgeAddresses } from "./check-address.ts";
import { type ClockOffset, type ClockSync, judgeOffset, judgeSync } from "./check-clock.ts";
import { type DiskFacts, judgeDisk } from "./check-disk.ts";
import { judgeLag, type LagFacts } from "./check-lag.ts";
import { type Inbound, judgeInbound, judgePorts, type PortSpeed } from "./check-network.ts";
import { judgeOptics, type PortModule } from "./check-optics.ts";
import { forProfile, type Requirements } from "./check-requirements.ts";
import { judgeSoftware, type SoftwareFacts } from "./check-software.ts";
import { kernelSettings } from "./install-kernel.ts";

export interface SiteFacts {
  readonly lag: LagFacts;
  readonly ports: Told<readonly (PortSpeed & PortModule)[]>;
  /** What `ip -j addr` printed. */
  readonly addresses: Told<string>;
  readonly inbound: Told<Inbound>;
  readonly sync: Told<ClockSync>;
  /** Undefined when no control plane was named. */
  readonly offset: Told<ClockOffset> | undefined;
  readonly disk: DiskFacts;
  readonly software: SoftwareFacts;
}

export function judgeSite(
  facts: SiteFacts,
  wanted: Requirements,
  profile: CheckProfile,
): readonly CheckFinding[] {
  return forProfile(profile, [
    ...judgeLag(facts.lag, wanted),
    judgePorts(facts.ports, wanted),
    ...judgeOptics(facts.ports, wanted),
    ...judgeAddresses(facts.addresses, wanted),
    judgeInbound(facts.inbound, wanted),
    judgeSync(facts.sync),
    ...(facts.offset === undefined ? [] : [judgeOffset(facts.offset, wanted)]),
    ...judgeDisk(facts.disk, wanted),
    ...judgeSoftware(facts.software, kernelSettings, wanted),
  ]);
}
