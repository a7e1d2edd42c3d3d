// Routes as tests and benchmarks make them up, in few words.
import { readPrefix } from "./address.ts";
import type { RouteFilter } from "./filter.ts";
import type { PathPrefix } from "./nlri.ts";
import type { PathAttributes } from "./path-attributes.ts";
import type { SessionTerms } from "./session-state.ts";
import type { UpdateTerms } from "./update.ts";

export const plainTerms: UpdateTerms = { asOctets: 4, isExternal: true, families: [4, 6], addPath: [] };

export const openFilter: RouteFilter = {
  localAs: 64_999,
  peerAs: 64_500,
  isFirstAsChecked: false,
  allowsPrivate: true,
  allowsDefaultRoute: true,
  lengths: { 4: { shortest: 0, longest: 32 }, 6: { shortest: 0, longest: 128 } },
};

export const sampleTerms: SessionTerms = {
  localAs: 64_999,
  peerAs: 64_500,
  routerId: 1,
  families: [4, 6],
  addPath: [],
  isPassive: true,
  holdSeconds: 90,
  openHoldMs: 240_000,
  openDelayMs: 0,
  connectRetryMs: 30_000,
  idleHoldMs: 5000,
  idleHoldMostMs: 300_000,
  steadyMs: 600_000,
  maxPrefixes: { 4: 1_500_000, 6: 500_000 },
  maxPrefixHoldMs: 900_000,
  mostAttributeOctets: 1 << 28,
  staleMs: 120_000,
  jitter: 1,
};

export function attributesWith(path: readonly number[], given: Partial<PathAttributes> = {}): PathAttributes {
  return {
    origin: "igp",
    asPath: path.length === 0 ? [] : [{ kind: "sequence", members: path }],
    nextHop: Uint8Array.of(192, 0, 2, 1),
    med: undefined,
    localPref: undefined,
    isAtomicAggregate: false,
    aggregator: undefined,
    communities: [],
    extendedCommunities: [],
    largeCommunities: [],
    originatorId: undefined,
    clusterList: [],
    ...given,
  };
}

/** "203.0.113.0/24", or with a path id "203.0.113.0/24 7". */
export function prefixNamed(text: string): PathPrefix {
  const [name = "", pathId = "0"] = text.split(" ");
  const reading = readPrefix(name);
  if (reading.kind === "refused") throw new Error(reading.because);
  return { prefix: reading.prefix, pathId: Number(pathId) };
}
