// Sign-in by an OpenID provider: from checked claims to an account.
import { type Claims, type FederationRules, judgeClaims, type Opening, roleOf } from "#account/federation.ts";
import { normalEmail } from "#account/password.ts";
import type { AuditEntry } from "#data/audit-chain.ts";
import type { Account } from "#data/ports.ts";
import { entitlementAtFirst } from "./entitlement-at-first.ts";
import type { ControlPorts } from "./ports.ts";

export interface ProviderSignIn {
  readonly issuer: string;
  readonly claims: Claims;
  readonly rules: FederationRules;
  readonly nowMs: number;
  /** For the audit row of a role that the provider changes. */
  readonly request: Pick<AuditEntry, "address" | "requestId">;
}

export type ProviderOutcome =
  | { readonly kind: "known"; readonly account: Account; readonly how: string }
  | { readonly kind: "refused"; readonly because: string };

type Ports = Pick<ControlPorts, "stores" | "settings">;

/** No password opens an account that has this instead of a hash. */
export const noPassword = "!";

export async function signInByProvider(ports: Ports, order: ProviderSignIn): Promise<ProviderOutcome> {
  const { stores } = ports;
  const { claims, rules, nowMs } = order;
  const who = { issuer: order.issuer, subject: claims.subject };
  const linked = await stores.identities.bySubject(who);
  const email = claims.email === undefined ? undefined : normalEmail(claims.email);
  const sameEmail =
    linked === undefined && email !== undefined ? await stores.accounts.byEmail(email) : undefined;
  const opening = judgeClaims({ ...claims, email }, { linked, sameEmail }, rules);
  if (opening.kind === "refused") return opening;
  const found = await opened(ports, who, opening, nowMs);
  if (found === "email-taken") return { kind: "refused", because: "your email was just taken; try again" };
  const account = await withRole(ports, order, linked ?? found);
  const how = opening.kind === "create" ? `create as ${account.role}` : opening.kind;
  return { kind: "known", account, how };
}

async function opened(
  { stores, settings }: Ports,
  who: { readonly issuer: string; readonly subject: string },
  opening: Exclude<Opening, { kind: "refused" }>,
  nowMs: number,
): Promise<Account | "email-taken"> {
  if (opening.kind !== "create") return stores.identities.link(who, opening.accountId, nowMs);
  const { email, profileName, role } = opening;
  const entitlement = entitlementAtFirst(settings);
  return stores.identities.create(
    who,
    { email, profileName, role, passwordHash: noPassword, entitlement },
    nowMs,
  );
}

/** Where groups have roles, the provider decides at each sign-in. */
async function withRole(
  { stores }: Ports,
  { claims, rules, nowMs, request }: ProviderSignIn,
  account: Account,
): Promise<Account> {
  const role = roleOf(claims, rules);
  if (role === undefined || role === account.role) return account;
  const outcome = await stores.identities.setRole(account.id, role, {
    ...{ ...request, actor: "provider", action: "role", object: `account=${account.id}` },
    ...{ outcome: `${account.role} to ${role}`, atMs: nowMs },
  });
  return outcome === "set" ? { ...account, role } : account;
}
