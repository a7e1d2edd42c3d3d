// Slows down guessing: counts failed sign-ins per account in a sliding window.

export interface AttemptLimits {
  readonly failures: number;
  readonly windowMs: number;
  /** Accounts remembered at most. */
  readonly remembered: number;
}

/** Moments of failure per account, oldest first. Insertion order of the map is the order of last failures. */
export interface Attempts {
  readonly limits: AttemptLimits;
  readonly failedAt: ReadonlyMap<string, readonly number[]>;
}

export type Admission = { readonly kind: "try" } | { readonly kind: "locked"; readonly retryAfterMs: number };

export function noAttempts(limits: AttemptLimits): Attempts {
  return { limits, failedAt: new Map() };
}

/** Whether this account may be tried now. */
export function admit(attempts: Attempts, account: string, nowMs: number): Admission {
  const recent = recentFailures(attempts, account, nowMs);
  const oldest = recent.at(-attempts.limits.failures);
  if (oldest === undefined) return { kind: "try" };
  return { kind: "locked", retryAfterMs: oldest + attempts.limits.windowMs - nowMs };
}

export function failed(attempts: Attempts, account: string, nowMs: number): Attempts {
  const moments = [...recentFailures(attempts, account, nowMs), nowMs].slice(-attempts.limits.failures);
  const failedAt = new Map(attempts.failedAt);
  failedAt.delete(account);
  failedAt.set(account, moments);
  for (const oldest of failedAt.keys()) {
    if (failedAt.size <= attempts.limits.remembered) break;
    failedAt.delete(oldest);
  }
  return { ...attempts, failedAt };
}

/** A failure noted at that moment was none: the password could not be checked. */
export function withdrawn(attempts: Attempts, account: string, moment: number): Attempts {
  const moments = attempts.failedAt.get(account) ?? [];
  const at = moments.lastIndexOf(moment);
  return at < 0
    ? attempts
    : { ...attempts, failedAt: new Map(attempts.failedAt).set(account, moments.toSpliced(at, 1)) };
}

export function succeeded(attempts: Attempts, account: string): Attempts {
  if (!attempts.failedAt.has(account)) return attempts;
  const failedAt = new Map(attempts.failedAt);
  failedAt.delete(account);
  return { ...attempts, failedAt };
}

function recentFailures(attempts: Attempts, account: string, nowMs: number): readonly number[] {
  const since = nowMs - attempts.limits.windowMs;
  return (attempts.failedAt.get(account) ?? []).filter((moment) => moment > since);
}
