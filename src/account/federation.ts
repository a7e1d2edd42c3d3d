// Sign-in by an OpenID provider: whose account it opens, what role it brings, and where the browser goes then. The
// protocol itself is a library's; what is decided here is what no library can know. Source: OpenID Connect Core 1.0.

/** What a provider says of someone, once its signature, audience, times and nonce were checked. */
export interface Claims {
  readonly subject: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly name: string | undefined;
  /** Of the claim that roles are taken from; empty when there is none. */
  readonly groups: readonly string[];
}

export type LocalRole = "viewer" | "operator" | "admin";

export interface FederationRules {
  /** Whether a verified email opens the account that has it. */
  readonly linkByEmail: boolean;
  readonly signUp: boolean;
  /** A group's role; without any, the provider says nothing about roles. */
  readonly roles: ReadonlyMap<string, LocalRole>;
}

interface Known {
  readonly id: string;
  readonly role: LocalRole;
}

export type Opening =
  | { readonly kind: "open"; readonly accountId: string }
  | { readonly kind: "link"; readonly accountId: string }
  | {
      readonly kind: "create";
      readonly email: string;
      readonly profileName: string;
      readonly role: LocalRole;
    }
  | { readonly kind: "refused"; readonly because: string };

/**
 * Which account is opened: the one tied to issuer and subject; else the one with the same verified email, where that is
 * allowed and it is a viewer's; else a new one. Somebody who can make a provider say an email must not become an admin.
 */
export function judgeClaims(
  claims: Claims,
  known: { readonly linked: Known | undefined; readonly sameEmail: Known | undefined },
  rules: FederationRules,
): Opening {
  if (known.linked !== undefined) return { kind: "open", accountId: known.linked.id };
  const { email } = claims;
  if (known.sameEmail !== undefined) return judgeLink(claims, known.sameEmail, rules);
  if (!rules.signUp) return refused("there is no account for you here, and nobody may sign up this way");
  if (email === undefined || !/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) {
    return refused("the provider names no email");
  }
  if (!claims.emailVerified) return refused("the provider does not say that your email is verified");
  const profileName = [...(claims.name ?? "").trim()].slice(0, 40).join("") || "Home";
  return { kind: "create", email, profileName, role: roleOf(claims, rules) ?? "viewer" };
}

function judgeLink(claims: Claims, account: Known, { linkByEmail }: FederationRules): Opening {
  if (linkByEmail && claims.emailVerified && account.role === "viewer") {
    return { kind: "link", accountId: account.id };
  }
  return refused("an account with your email is here already; sign in with its password");
}

function refused(because: string): Opening {
  return { kind: "refused", because };
}

/** The highest role of the groups; viewer when none has one; undefined when the provider says nothing about roles. */
export function roleOf(
  { groups }: Pick<Claims, "groups">,
  { roles }: Pick<FederationRules, "roles">,
): LocalRole | undefined {
  if (roles.size === 0) return undefined;
  const found = new Set(groups.map((group) => roles.get(group)));
  return found.has("admin") ? "admin" : found.has("operator") ? "operator" : "viewer";
}

/** "staff=operator,root=admin". Undefined when it cannot be read. */
export function readRoles(text: string): ReadonlyMap<string, LocalRole> | undefined {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  const roles = new Map<string, LocalRole>();
  for (const part of parts) {
    const at = part.lastIndexOf("=");
    const [group, role] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    if (at < 0 || group === "" || (role !== "operator" && role !== "admin" && role !== "viewer"))
      return undefined;
    roles.set(group, role);
  }
  return roles;
}

/**
 * Where the browser goes after sign-in: a path of our own pages, else the first page. What a browser could read as
 * another site's address ("//", "\", control characters) is none. Source: WHATWG URL, special schemes.
 */
export function safeNext(text: string | undefined): string {
  if (text === undefined || text.length > 1024 || !ownPath.test(text)) return "/";
  const url = URL.parse(text, "http://here.invalid");
  if (url === null || url.origin !== "http://here.invalid") return "/";
  const path = `${url.pathname}${url.search}${url.hash}`;
  // "/..//elsewhere" is a path of our own until its dots are worked out.
  return ownPath.test(path) ? path : "/";
}

const ownPath = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/** What a provider may sign ID tokens with. Never "none", and no HMAC: its key is not only the provider's. Source: RFC 8725 §3.1. */
export const signatureAlgorithms: ReadonlySet<string> = new Set([
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
]);

/** The hash that goes with a signature; Ed25519 brings SHA-512. Source: OpenID Connect Core 1.0 §3.1.3.6; RFC 8032. */
export function atHashName(algorithm: string): "sha256" | "sha384" | "sha512" {
  const bits = /(256|384)$/.exec(algorithm)?.[1];
  return bits === "256" ? "sha256" : bits === "384" ? "sha384" : "sha512";
}

/** An issuer is https, or http on this machine; no user, query or fragment. Source: OpenID Connect Discovery 1.0 §4. */
export function readIssuer(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.search !== "" || url.hash !== "") return undefined;
  return url.protocol === "https:" || isLoopback(url) ? url : undefined;
}

/** Addresses, not the name localhost alone: names are looked up. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && /^(127(\.\d{1,3}){3}|\[::1\]|localhost)$/.test(hostname);
}
