// Who gets a screen, of those who ask at the same time for the same account: facts in, answers out. The facts were read
// under the account's row lock, after what had ended was deleted, so every lease that is left counts.
import type { Standing } from "#model/entitlement.ts";
import type { HeldScreen } from "#model/lease.ts";
import type { PlaySession } from "#model/playback.ts";

/** A lease as it is kept. Its end is by the lease clock. */
export interface KeptLease extends HeldScreen {
  readonly accountId: string;
  readonly generation: number;
  readonly endsAtMs: number;
}

export interface AccountFacts {
  readonly standing: Standing;
  readonly screens: number;
  /** Of the latest play session. */
  readonly generation: number;
  /** Milliseconds until screens are granted again; 0 or less: now. */
  readonly pausedForMs: number;
  readonly leases: readonly KeptLease[];
}

export interface Wish {
  readonly session: Omit<PlaySession, "generation">;
  readonly deviceId: string;
  readonly ttlMs: number;
  /** Whether what the same device holds gives way. */
  readonly ownGivesWay?: boolean;
}

export type Decision =
  /** A new session of this generation. */
  | {
      readonly kind: "open";
      readonly session: PlaySession;
      readonly lease: KeptLease;
      /** Gave way to it, those that were granted just before included. */
      readonly replaced: readonly KeptLease[];
    }
  | { readonly kind: "again"; readonly lease: KeptLease }
  | { readonly kind: "limit"; readonly screens: number; readonly held: readonly HeldScreen[] }
  | { readonly kind: "standing"; readonly standing: "none" | "suspended" }
  | { readonly kind: "paused"; readonly leftMs: number }
  /** The session is another account's or title's. */
  | { readonly kind: "taken" }
  /** The session had a lease, and has none any more. */
  | { readonly kind: "over" };

/** Decides in the order given, each knowing what those before it got. `known`: sessions of these ids that exist. */
export function admit(
  facts: AccountFacts,
  wishes: readonly Wish[],
  known: ReadonlyMap<string, PlaySession>,
  moment: { readonly atMs: number; readonly wallMs: number },
): readonly Decision[] {
  let { generation, leases } = facts;
  return wishes.map((wish): Decision => {
    const yields = ({ deviceId, sessionId }: KeptLease): boolean =>
      wish.ownGivesWay === true && deviceId === wish.deviceId && sessionId !== wish.session.id;
    const others = leases.filter((lease) => !yields(lease));
    const refused = refusal(facts, wish, known, others);
    if (refused !== undefined) return refused;
    const replaced = leases.filter(yields);
    generation += 1;
    const session = { ...wish.session, generation };
    const lease = leaseOf(session, wish.deviceId, moment.wallMs, moment.atMs + wish.ttlMs);
    leases = [...others, lease];
    return { kind: "open", session, lease, replaced };
  });
}

function refusal(
  facts: AccountFacts,
  { session }: Wish,
  known: ReadonlyMap<string, PlaySession>,
  leases: readonly KeptLease[],
): Exclude<Decision, { kind: "open" }> | undefined {
  const held = leases.find((lease) => lease.sessionId === session.id);
  const before = known.get(session.id) ?? held;
  const same =
    before?.accountId === session.accountId &&
    before.profileId === session.profileId &&
    before.titleId === session.titleId;
  if (before !== undefined && !same) return { kind: "taken" };
  if (facts.standing !== "good") return { kind: "standing", standing: facts.standing };
  if (held !== undefined) return { kind: "again", lease: held };
  if (before !== undefined) return { kind: "over" };
  if (facts.pausedForMs > 0) return { kind: "paused", leftMs: facts.pausedForMs };
  if (leases.length >= facts.screens) {
    return { kind: "limit", screens: facts.screens, held: leases.map(screenOf) };
  }
  return undefined;
}

export function leaseOf(
  session: PlaySession,
  deviceId: string,
  grantedAtMs: number,
  endsAtMs: number,
): KeptLease {
  const { accountId, id: sessionId, profileId, titleId, generation } = session;
  return { accountId, sessionId, deviceId, profileId, titleId, generation, grantedAtMs, endsAtMs };
}

export function screenOf(lease: KeptLease): HeldScreen {
  const { sessionId, deviceId, profileId, titleId, grantedAtMs } = lease;
  return { sessionId, deviceId, profileId, titleId, grantedAtMs };
}
