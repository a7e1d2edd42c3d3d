// Builders for what is asked of screens: an owner, a wish, a grant, a renewal.
import assert from "node:assert/strict";
import type { Acquired, AcquireOrder, LeaseKey, LeaseStore } from "#data/ports.ts";
import type { Entitlement } from "#model/entitlement.ts";
import type { Lease } from "#model/lease.ts";
import type { Rig } from "./lease-rig.ts";
import { fresh } from "./stores-builders.ts";

export const term = { ttlMs: 100_000, graceMs: 20_000 };

export async function owner(
  rig: Rig,
  more: Partial<Entitlement> = {},
): Promise<{ id: string; profileId: string }> {
  const entitlement: Entitlement = { standing: "good", screens: 2, maxHeight: 2160, ...more };
  const order = { email: `${fresh()}@x.org`, passwordHash: "x", role: "viewer", profileName: "B" } as const;
  const made = await rig.accounts.create({ ...order, entitlement });
  assert.ok(made !== "email-taken");
  return made;
}

export function wish(
  { id: accountId, profileId }: { id: string; profileId: string },
  session = fresh(),
): AcquireOrder {
  const play = { id: session, accountId, profileId, titleId: "film", viewpoint: "isp-a", startedAtMs: 5 };
  return { session: play, deviceId: `device of ${session}`, ...term };
}

type Granted = Extract<Acquired, { kind: "granted" }>;

export async function granted(leases: LeaseStore, order: AcquireOrder): Promise<Granted> {
  const answer = await leases.acquire(order);
  assert.ok(answer.kind === "granted", answer.kind);
  return answer;
}

export const keyOf = ({ lease: { accountId, sessionId, generation } }: Granted): LeaseKey => ({
  accountId,
  sessionId,
  generation,
});

/** The end is as far away as it should be, give or take what a loaded machine does in between. */
export const near = (leftMs: number | undefined, wanted: number): void =>
  assert.ok(leftMs !== undefined && leftMs <= wanted && leftMs > wanted - 50_000, `${leftMs} of ${wanted}`);

/** Undefined: lost. */
export async function renewed(leases: LeaseStore, key: LeaseKey): Promise<Lease | undefined> {
  const answer = await leases.renew({ ...key, ...term });
  assert.notEqual(answer.kind, "standing");
  return answer.kind === "renewed" ? answer.lease : undefined;
}
