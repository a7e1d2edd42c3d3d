// The talk with the OpenID provider: authorization code with PKCE. The library checks issuer, audience, nonce, state,
// times and signature; added here are the allow-list of algorithms, at_hash, deadlines, and a limit on what is read.
// No address comes from a request: the issuer is a setting, and its own metadata names the rest.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as client from "openid-client";
import { z } from "zod";
import { atHashName, type Claims, isLoopback, signatureAlgorithms } from "#account/federation.ts";
import type { Values } from "#config/setting.ts";
import { controlFaults } from "#control/faults.ts";
import type { Federation } from "#control/federation-settings.ts";
import type { identitySettings } from "#control/settings-identity.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import { openSealedText, type SealedText } from "./sealed-text.ts";

/** How long somebody may take at the provider. */
export const signInSeconds = 600;
/** Metadata is asked for anew this often: a provider that is away is noticed before a browser is sent to it. */
const metadataMs = 60_000;
const largestAnswer = 1024 * 1024;

export interface Oidc {
  readonly federation: Federation;
  /** Where the browser is sent, and the cookie that it must bring back. */
  begin(next: string): Promise<{ readonly location: string; readonly cookie: string }>;
  /** From the query that the provider sent the browser back with. */
  finish(
    query: string,
    cookie: string | undefined,
  ): Promise<{ readonly issuer: string; readonly claims: Claims; readonly next: string }>;
}

interface OidcOrder {
  readonly federation: Federation;
  readonly settings: Values<typeof identitySettings>;
  /** Of this installation: the key of the cookie is made from it. */
  readonly secret: string;
  readonly clock: Clock;
}

const pending = z.object({
  ...{ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() },
  endsAtMs: z.number(),
});

export function openOidc(order: OidcOrder): Oidc {
  const { federation, clock } = order;
  const seal = openSealedText(order.secret, "oidc sign-in");
  const configuration = rememberFor(metadataMs, clock, () => discover(order));
  const away = (error: unknown): unknown => faultIn(error) ?? awayFault(federation, error);
  return {
    federation,
    async begin(next) {
      const config = await configuration().catch((error: unknown) => Promise.reject(away(error)));
      const verifier = client.randomPKCECodeVerifier();
      const wish = { ...{ state: client.randomState(), nonce: client.randomNonce() }, verifier, next };
      const location = client.buildAuthorizationUrl(config, {
        ...{ redirect_uri: federation.callback.href, scope: federation.scope },
        ...{ state: wish.state, nonce: wish.nonce, response_type: "code" },
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      const endsAtMs = clock.wallMs() + signInSeconds * 1000;
      return { location: location.href, cookie: seal.close(JSON.stringify({ ...wish, endsAtMs })) };
    },
    async finish(query, cookie) {
      const wish = readPending(seal, cookie, clock.wallMs());
      if (wish === undefined) {
        throw refusedFault("it was begun in another browser, or more than ten minutes ago");
      }
      const config = await configuration().catch((error: unknown) => Promise.reject(away(error)));
      const claims = await redeem(config, { federation, wish, query }).catch((error: unknown) => {
        throw faultIn(error) ?? refusedFault(reasonOf(error), error);
      });
      return { issuer: config.serverMetadata().issuer, claims, next: wish.next };
    },
  };
}

function readPending(
  seal: SealedText,
  cookie: string | undefined,
  nowMs: number,
): z.infer<typeof pending> | undefined {
  const text = cookie === undefined ? undefined : seal.open(cookie);
  const wish = text === undefined ? undefined : pending.parse(JSON.parse(text));
  return wish === undefined || wish.endsAtMs <= nowMs ? undefined : wish;
}

/** One question at a time, however many ask; a failure is not remembered. */
function rememberFor<T>(ms: number, clock: Clock, ask: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: Promise<T>; readonly untilMs: number } | undefined;
  return () => {
    if (known !== undefined && clock.monoMs() < known.untilMs) return known.value;
    const value = ask();
    const mine = { value, untilMs: clock.monoMs() + ms };
    known = mine;
    value.catch(() => {
      if (known === mine) known = undefined;
    });
    return value;
  };
}

async function discover({ federation, settings }: OidcOrder): Promise<client.Configuration> {
  const { issuer, clientId } = federation;
  const file = settings.oidcClientSecretFile;
  const secret = file === "" ? settings.oidcClientSecret : (await readFile(file, "utf8")).trim();
  const execute = isLoopback(issuer) ? [client.allowInsecureRequests] : [];
  const fetch = boundedFetch(federation, settings.oidcDeadlineSeconds);
  const timeout = settings.oidcDeadlineSeconds;
  const found = await client.discovery(issuer, clientId, undefined, client.None(), {
    ...{ execute, timeout },
    [client.customFetch]: fetch,
  });
  const { supportsPKCE: _, ...server } = found.serverMetadata();
  const told = server.id_token_signing_alg_values_supported ?? ["RS256"];
  const allowed = told.filter((name) => signatureAlgorithms.has(name));
  const metadata = { [client.clockTolerance]: settings.oidcSkewSeconds };
  const config = new client.Configuration(
    { ...server, id_token_signing_alg_values_supported: allowed },
    clientId,
    metadata,
    authentication(secret, server.token_endpoint_auth_methods_supported),
  );
  config[client.customFetch] = fetch;
  config.timeout = timeout;
  if (isLoopback(issuer)) client.allowInsecureRequests(config);
  client.enableNonRepudiationChecks(config);
  return config;
}

/** Basic unless the provider says that it does not take it. Source: OpenID Connect Discovery 1.0 §3. */
function authentication(secret: string, methods: readonly string[] | undefined): client.ClientAuth {
  if (secret === "") return client.None();
  const basic = methods === undefined || methods.includes("client_secret_basic");
  return basic ? client.ClientSecretBasic(secret) : client.ClientSecretPost(secret);
}

/** Every answer whole, within the deadline, not larger than 1 MiB, and from where it was asked. */
function boundedFetch(federation: Federation, seconds: number): client.CustomFetch {
  return async (url, { method, headers, body, redirect }) => {
    const init = { method, headers, redirect, signal: AbortSignal.timeout(seconds * 1000) };
    try {
      const form = body instanceof URLSearchParams || typeof body === "string" ? { body } : {};
      const answer = await fetch(url, { ...init, ...form });
      if (answer.status >= 500) throw new Error(`it answered ${answer.status}`);
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of answer.body ?? []) {
        size += piece.byteLength;
        if (size > largestAnswer) throw new Error(`its answer is larger than ${largestAnswer} bytes`);
        pieces.push(piece);
      }
      const { status, headers: said } = answer;
      return new Response(size === 0 ? null : Buffer.concat(pieces), { status, headers: said });
    } catch (error) {
      throw awayFault(federation, error);
    }
  };
}

interface Redeeming {
  readonly federation: Federation;
  readonly wish: z.infer<typeof pending>;
  readonly query: string;
}

async function redeem(config: client.Configuration, { federation, wish, query }: Redeeming): Promise<Claims> {
  const here = new URL(federation.callback);
  here.search = query;
  const tokens = await client.authorizationCodeGrant(config, here, {
    ...{ expectedState: wish.state, expectedNonce: wish.nonce, pkceCodeVerifier: wish.verifier },
    idTokenExpected: true,
  });
  const said = tokens.claims();
  if (said === undefined || tokens.id_token === undefined) throw refusedFault("it came without an ID token");
  if (!fitsAtHash(said.at_hash, tokens.access_token, tokens.id_token)) {
    throw refusedFault("its access token is not the one that its ID token speaks of");
  }
  const lacks = said.email === undefined || claimAt(said, federation.roleClaim) === undefined;
  const more =
    lacks && config.serverMetadata().userinfo_endpoint !== undefined
      ? await client.fetchUserInfo(config, tokens.access_token, said.sub)
      : {};
  return claimsOf(said.sub, { ...more, ...said }, federation.roleClaim);
}

/** Left half of the hash. Absent is allowed in this flow. Source: OpenID Connect Core 1.0 §3.1.3.6. */
function fitsAtHash(atHash: unknown, accessToken: string, idToken: string): boolean {
  if (atHash === undefined) return true;
  const header = z
    .object({ alg: z.string() })
    .parse(JSON.parse(Buffer.from(idToken.split(".")[0] ?? "", "base64url").toString("utf8")));
  const whole = createHash(atHashName(header.alg)).update(accessToken, "ascii").digest();
  return whole.subarray(0, whole.length / 2).toString("base64url") === atHash;
}

function claimsOf(subject: string, said: Record<string, unknown>, roleClaim: string): Claims {
  const { email, name, email_verified: verified } = said;
  const groups = claimAt(said, roleClaim);
  return {
    subject,
    email: typeof email === "string" ? email : undefined,
    emailVerified: verified === true,
    name: typeof name === "string" ? name : undefined,
    groups: (Array.isArray(groups) ? groups : [groups]).filter((group) => typeof group === "string"),
  };
}

/** A claim by its name, else by the way that dots lead into it. */
function claimAt(said: Readonly<Record<string, unknown>>, path: string): unknown {
  if (said[path] !== undefined) return said[path];
  return path.split(".").reduce<unknown>((value, key) => {
    return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
  }, said);
}

/** The library wraps what our fetch threw. */
function faultIn(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof Error && error.cause !== undefined ? faultIn(error.cause) : undefined;
}

function awayFault({ name }: Federation, cause: unknown): Fault {
  return new Fault(controlFaults.oidcAway, { name }, cause);
}

function refusedFault(because: string, cause?: unknown): Fault {
  return new Fault(controlFaults.oidcRefused, { because }, cause);
}

/** Codes and claim names only: the log has the rest. */
function reasonOf(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) {
    return `the provider answered ${/^[a-z_]{1,40}$/.test(error.error) ? error.error : "with an error"}`;
  }
  const code = error instanceof client.ClientError ? error.code : undefined;
  return `the provider's answer did not hold (${code ?? "OAUTH_UNKNOWN"})`;
}
