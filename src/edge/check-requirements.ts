// The numbers that a site is held to. A file of the operator may name others; a laboratory is spared the site's.
import type { CheckFinding, CheckProfile } from "#model/site-check.ts";

export interface Requirements {
  /** Ports of the LAG, at least. */
  readonly lagPorts: number;
  /** Of each port, at least, in bit/s. */
  readonly portBps: number;
  /** Light per lane, received and sent, in dBm. */
  readonly lowestDbm: number;
  readonly highestDbm: number;
  /** Prefix of the public addresses, at most so long. */
  readonly ipv4PrefixLength: number;
  readonly ipv6PrefixLength: number;
  /** For the nightly fill, in bit/s. */
  readonly inboundBps: number;
  /** From the control plane's clock, in ms. */
  readonly clockOffsetMs: number;
  /** Of the media's file system, in byte. */
  readonly diskBytes: number;
  readonly diskFreePercent: number;
  /** Read from the disk, in bit/s. */
  readonly diskReadBps: number;
  /** Open files of one process. */
  readonly openFiles: number;
}

/**
 * Sources: for LAG, ports, addresses and fill "Requirements for deploying embedded appliances" (Netflix Open Connect), for light
 * the requirements' older text. Chosen by us: disk, since a catalogue has to fit and a port's worth of viewers to be read, and
 * clock, since a signed path ends by it.
 */
export const siteRequirements: Requirements = {
  lagPorts: 1,
  portBps: 10e9,
  lowestDbm: -10,
  highestDbm: 0,
  ipv4PrefixLength: 31,
  ipv6PrefixLength: 127,
  inboundBps: 1.2e9,
  clockOffsetMs: 1000,
  diskBytes: 1e12,
  diskFreePercent: 2,
  diskReadBps: 2e9,
  openFiles: 65_536,
};

/** What a laboratory is not asked for. */
const spared: readonly string[] = ["lag", "lacp rate", "ports", "optics", "ipv4", "ipv6"];

export const labRequirements: Requirements = { ...siteRequirements, diskBytes: 10e9, openFiles: 1024 };

export function requirementsOf(profile: CheckProfile): Requirements {
  return profile === "lab" ? labRequirements : siteRequirements;
}

/** For a laboratory: what it lacks of a site's network is told, and not asked for. */
export function forProfile(
  profile: CheckProfile,
  findings: readonly CheckFinding[],
): readonly CheckFinding[] {
  if (profile === "site") return findings;
  return findings.map((entry) => {
    const isSpared = spared.includes(entry.what.split(" of ")[0] ?? "");
    if (!isSpared || entry.verdict === "holds") return entry;
    return { ...entry, verdict: "not-asked", mend: "" };
  });
}

/** Names of the numbers that are not the profile's own. */
export function alteredIn(profile: CheckProfile, wanted: Requirements): readonly string[] {
  const own = new Map(Object.entries(requirementsOf(profile)));
  return Object.entries(wanted)
    .filter(([name, value]) => own.get(name) !== value)
    .map(([name]) => name);
}
