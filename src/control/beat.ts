// A beat: beacons become durable and the lease is renewed, side by side. Proved by the session token alone: no account is
// asked for (the renewal sees its standing), and neither half waits for, or fails with, the other.
import type { Renewed } from "#data/ports.ts";
import type { Lease } from "#model/lease.ts";
import type { BeatAnswer, BeatBody, ReleaseBody } from "#wire/screens.ts";
import type { ControlPorts } from "./ports.ts";
import { onceMore, pathsEndMs, termsOf } from "./screens.ts";
import { checkToken, type SessionGrant } from "./session-token.ts";

type BeatPorts = Pick<ControlPorts, "stores" | "settings" | "seal" | "digest" | "intake" | "signPath">;

export type Proof =
  | { readonly kind: "valid"; readonly grant: SessionGrant }
  | { readonly kind: "foreign" }
  | { readonly kind: "over" };

/** Whether the body's token is that of this session, and so are all its beacons. */
export function proofOf(
  { seal }: Pick<ControlPorts, "seal">,
  sessionId: string,
  body: Pick<BeatBody, "sessionToken" | "events">,
  nowMs: number,
): Proof {
  const check = checkToken(seal, body.sessionToken, nowMs);
  if (check.kind === "over") return check;
  const own = check.kind === "valid" && check.grant.sessionId === sessionId;
  const whole = own && (body.events ?? []).every((event) => event.sessionId === sessionId);
  return whole ? check : { kind: "foreign" };
}

export interface BeatOrder {
  readonly ports: BeatPorts;
  readonly grant: SessionGrant;
  readonly body: Pick<BeatBody, "generation" | "seq" | "sentMs" | "events">;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

export type BeatOutcome =
  | { readonly kind: "answered"; readonly answer: BeatAnswer; readonly renewed: Lease | undefined }
  | {
      readonly kind: "lost";
      readonly durable: boolean;
      readonly why: Exclude<Renewed, { readonly kind: "renewed" }>;
    }
  | { readonly kind: "failed"; readonly cause: unknown };

export async function beat(order: BeatOrder): Promise<BeatOutcome> {
  const { body } = order;
  const events = body.events ?? [];
  const [kept, renewed] = await Promise.allSettled([
    order.ports.intake.keep({
      sessionId: order.grant.sessionId,
      said: { events, sentMs: body.sentMs },
      receivedMs: order.nowMs,
    }),
    renewedLease(order),
  ]);
  const durable = kept.status === "fulfilled" && kept.value.kind === "kept";
  const againMs = kept.status === "fulfilled" && kept.value.kind === "later" ? kept.value.afterMs : undefined;
  const said = { seq: body.seq, durable, ...(againMs !== undefined && { againMs: Math.ceil(againMs) }) };
  if (renewed.status === "fulfilled") {
    if (renewed.value.kind !== "renewed") return { kind: "lost", durable, why: renewed.value };
    const { lease } = renewed.value;
    return {
      kind: "answered",
      renewed: lease,
      answer: { ...said, screen: screenOf(order, lease) },
    };
  }
  if (!durable || events.length === 0) return { kind: "failed", cause: renewed.reason };
  return { kind: "answered", renewed: undefined, answer: said };
}

function renewedLease({ ports, grant, body, signal }: BeatOrder): Promise<Renewed> {
  const { leaseTtlMs: ttlMs, leaseGraceMs: graceMs } = ports.settings;
  const { accountId, sessionId } = grant;
  const { generation } = body;
  return within(signal, () =>
    onceMore(signal, () =>
      ports.stores.leases.renew({ accountId, sessionId, generation, ttlMs, graceMs, signal }),
    ),
  );
}

/** The store may answer late: nobody waits for it then. A lease that was renewed all the same harms nobody. */
async function within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const late = (): void => reject(signal.reason);
    signal.addEventListener("abort", late, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", late));
  });
}

function screenOf({ ports, grant, body, nowMs }: BeatOrder, lease: Lease): BeatAnswer["screen"] {
  const endMs = pathsEndMs(lease, nowMs, ports.settings.leaseGraceMs);
  const expiresAtSeconds = Math.floor(endMs / 1000);
  const { titleId, sessionId } = grant;
  return {
    lease: termsOf(ports, lease, body.seq),
    prefix: ports.signPath({ titleId, sessionId, expiresAtSeconds }),
    expiresAtMs: expiresAtSeconds * 1000,
  };
}

export interface LastWord {
  readonly isKept: boolean;
  readonly isReleased: boolean;
  /** Why one of them is not; undefined: both are. */
  readonly cause: unknown;
}

/** The last word of a session: its beacons, and its screen given back. Said twice, it is the same. */
export async function releaseScreen(
  ports: Pick<ControlPorts, "stores" | "intake">,
  grant: SessionGrant,
  body: Pick<ReleaseBody, "generation" | "sentMs" | "events">,
  nowMs: number,
): Promise<LastWord> {
  const { accountId, sessionId } = grant;
  const { generation, sentMs, events = [] } = body;
  const [kept, released] = await Promise.allSettled([
    ports.intake.keep({ sessionId, said: { events, sentMs }, receivedMs: nowMs, isLast: true }),
    ports.stores.leases.release({ accountId, sessionId, generation }),
  ]);
  const failed = [kept, released].find((half) => half.status === "rejected");
  return {
    isKept: kept.status === "fulfilled",
    isReleased: released.status === "fulfilled",
    cause: failed?.reason,
  };
}
