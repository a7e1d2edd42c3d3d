// What two OPEN messages come to. Source: RFC 4271 §4.2 and §6.2; RFC 4760 §8; RFC 5492; RFC 6286; RFC 7911 §4; RFC 8654.
import { type Capabilities, type GracefulRestart, noCapabilities, writeCapabilities } from "./capability.ts";
import type { Family } from "./family.ts";
import { type ProtocolError, protocolError } from "./message.ts";
import type { Open } from "./open.ts";
import type { SessionTerms } from "./session-state.ts";
import type { UpdateTerms } from "./update.ts";

export interface Agreement {
  readonly update: UpdateTerms;
  readonly peerAs: number;
  readonly peerRouterId: number;
  /** 0: no hold timer and no keepalives. */
  readonly holdMs: number;
  readonly isExtendedMessage: boolean;
  readonly isRefresh: boolean;
  readonly isEnhancedRefresh: boolean;
  /** What the neighbour said of its own restarts. */
  readonly gracefulRestart: GracefulRestart | undefined;
}

export type Negotiation =
  | { readonly kind: "agreed"; readonly agreement: Agreement }
  | { readonly kind: "refused"; readonly error: ProtocolError };

/** Our own OPEN. We keep no forwarding state over a restart, and name no family in graceful restart (RFC 4724 §3). */
export function openOf(terms: SessionTerms): Open {
  return {
    as: terms.localAs,
    holdSeconds: terms.holdSeconds,
    routerId: terms.routerId,
    capabilities: capabilitiesOf(terms),
  };
}

function capabilitiesOf(terms: SessionTerms): Capabilities {
  return {
    families: terms.families,
    refresh: true,
    enhancedRefresh: true,
    extendedMessage: true,
    fourOctetAs: terms.localAs,
    addPath: terms.addPath.map((family) => ({ family, direction: "receive" })),
    gracefulRestart: { isRestarted: false, restartSeconds: 0, families: [] },
  };
}

export function negotiate(terms: SessionTerms, open: Open): Negotiation {
  const { capabilities } = open;
  if (open.as !== terms.peerAs) {
    return refused(2, `the neighbour is AS ${open.as}; AS ${terms.peerAs} was wanted`);
  }
  const isExternal = terms.peerAs !== terms.localAs;
  // RFC 6286 §2.1: identifiers are unique within an AS only.
  if (!isExternal && open.routerId === terms.routerId)
    return refused(3, "the neighbour has our BGP identifier");
  // RFC 4760 §8: who speaks of no family speaks IPv4.
  const offered: readonly Family[] = capabilities.families.length === 0 ? [4] : capabilities.families;
  const families = terms.families.filter((family) => offered.includes(family));
  if (families.length === 0) {
    const wanted = writeCapabilities({ ...noCapabilities, families: terms.families });
    return refused(7, `no family in common: IPv${terms.families.join(", IPv")} was wanted`, wanted);
  }
  const sends = new Set(
    capabilities.addPath.filter((row) => row.direction !== "receive").map((row) => row.family),
  );
  const agreement: Agreement = {
    update: {
      asOctets: capabilities.fourOctetAs === undefined ? 2 : 4,
      isExternal,
      families,
      addPath: terms.addPath.filter((family) => families.includes(family) && sends.has(family)),
    },
    peerAs: open.as,
    peerRouterId: open.routerId,
    holdMs: Math.min(terms.holdSeconds, open.holdSeconds) * 1000,
    isExtendedMessage: capabilities.extendedMessage,
    isRefresh: capabilities.refresh,
    isEnhancedRefresh: capabilities.enhancedRefresh,
    gracefulRestart: capabilities.gracefulRestart,
  };
  return { kind: "agreed", agreement };
}

function refused(subcode: number, because: string, data?: Uint8Array): Negotiation {
  return { kind: "refused", error: protocolError(2, subcode, because, data) };
}

/**
 * Which of two connections between the same neighbours stays: the one that the higher identifier opened (RFC 4271 §6.8),
 * for equal ones the higher AS (RFC 6286 §2.3).
 */
export function keptDirection(terms: SessionTerms, peer: Agreement): "in" | "out" {
  if (terms.routerId !== peer.peerRouterId) return terms.routerId > peer.peerRouterId ? "out" : "in";
  return terms.localAs > peer.peerAs ? "out" : "in";
}
