// Signing in with a real OpenID provider on loopback, and everything that must not be taken for it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MemoryControl, password, startInMemory } from "#test/fixtures/memory-control.ts";
import {
  clientId,
  clientSecret,
  type OpenIdProvider,
  openProvider,
  type Person,
  publicUrl,
} from "#test/fixtures/openid-provider.ts";
import { errorBody, me } from "#wire/viewer.ts";
import { client } from "./control-client.ts";

const ada: Person = {
  subject: "subject-ada",
  claims: { email: "Ada@example.org", email_verified: true, name: "Ada", groups: ["staff"] },
};

let provider: OpenIdProvider;
let plane: MemoryControl;

before(async () => {
  provider = await openProvider(ada);
  plane = await startInMemory({
    ...{ oidcIssuer: provider.issuer, oidcName: "The Guild", oidcClientId: clientId },
    ...{ oidcClientSecret: clientSecret, oidcPublicUrl: publicUrl, oidcSignUp: "yes" },
    ...{ oidcScopes: "email profile groups", oidcRoles: "staff=operator", oidcDeadlineSeconds: 1 },
  });
});

after(async () => {
  await plane.control.close();
  await provider.close();
});

interface Step {
  readonly status: number;
  readonly location: string;
  readonly cookies: string;
  readonly headers: Headers;
  readonly code: string;
}

/** One request of a browser that keeps no redirect to itself. */
async function step(url: string, cookie: string, accept = "*/*"): Promise<Step> {
  const headers = { accept, ...(cookie === "" ? {} : { cookie }) };
  const said = await fetch(url, { redirect: "manual", headers });
  const text = await said.text();
  const error = errorBody.safeParse(text.startsWith("{") ? JSON.parse(text) : {});
  return {
    status: said.status,
    location: said.headers.get("location") ?? "",
    cookies: said.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; "),
    headers: said.headers,
    code: error.success ? error.data.error.code : "",
  };
}

/** Out to the provider: what the browser is sent back with, and the cookie that it keeps meanwhile. */
async function toProvider(next = "/"): Promise<{ readonly out: URL; readonly cookie: string }> {
  const begun = await step(`${plane.control.url}/v1/sign-in/oidc?${new URLSearchParams({ next })}`, "");
  assert.equal(begun.status, 303);
  assert.match(
    begun.headers.get("set-cookie") ?? "",
    /Max-Age=600; Path=\/v1\/sign-in\/oidc; HttpOnly; SameSite=Lax/,
  );
  return { out: new URL(begun.location), cookie: begun.cookies };
}

/** Through the provider's pages, to the query that it sends the browser back with. */
async function atProvider(out: URL): Promise<string> {
  let cookies = "";
  let at = out.href;
  for (let hops = 0; hops < 6 && !at.startsWith(publicUrl); hops++) {
    const said = await step(at, cookies);
    cookies = [cookies, said.cookies].filter((one) => one !== "").join("; ");
    at = new URL(said.location, at).href;
  }
  assert.ok(at.startsWith(`${publicUrl}/v1/sign-in/oidc/callback?`), at);
  return new URL(at).search;
}

const back = (query: string, cookie: string): Promise<Step> =>
  step(`${plane.control.url}/v1/sign-in/oidc/callback${query}`, cookie);

async function signIn(next?: string): Promise<Step> {
  const { out, cookie } = await toProvider(next);
  return back(await atProvider(out), cookie);
}

async function lastSignIn(): Promise<string> {
  const rows = await plane.stores.audit.before(Number.MAX_SAFE_INTEGER, 50);
  return rows.find((row) => row.action === "sign-in")?.outcome ?? "none";
}

test("[CO120] out with code, PKCE, state and nonce, and back as an account with its role, where one wanted to be", async () => {
  const { out, cookie } = await toProvider("/title/film?at=3");
  const asked = Object.fromEntries(out.searchParams);
  assert.deepEqual([asked.response_type, asked.code_challenge_method], ["code", "S256"]);
  assert.deepEqual([asked.scope, asked.client_id], ["openid email profile groups", clientId]);
  assert.ok([asked.state, asked.nonce, asked.code_challenge].every((text = "") => text.length >= 43));
  const query = await atProvider(out);
  const done = await back(query, cookie);
  assert.deepEqual([done.status, done.location], [303, "/title/film?at=3"]);
  const browser = client(
    plane.control.url,
    done.cookies.split("; ").find((one) => one.startsWith("millrace=")),
  );
  const who = me.parse((await browser.get("/v1/me")).body);
  assert.deepEqual([who.email, who.role, who.profileName], ["ada@example.org", "operator", "Ada"]);
  assert.equal(await lastSignIn(), "signed-in: create as operator");
  const again = await signIn("//evil.example.org");
  assert.deepEqual([again.status, again.location], [303, "/"]);
  assert.equal(await lastSignIn(), "signed-in: open");
  assert.equal((await plane.stores.accounts.byEmail("ada@example.org"))?.id, who.accountId);
  const replayed = await back(query, cookie);
  assert.deepEqual([replayed.status, replayed.code], [401, "oidc-refused"], "a code is good once");
});

test("[CO121] a state that was altered, another browser's, none at all, or an old cookie opens nothing", async () => {
  const { out, cookie } = await toProvider();
  const query = await atProvider(out);
  const other = await toProvider();
  const bent = query.replace(/state=(.)/, (_, first) => `state=${first === "a" ? "b" : "a"}`);
  const refused: readonly (readonly [string, string])[] = [
    [bent, cookie],
    [query, other.cookie],
    [query, ""],
    [query, `${cookie.slice(0, -2)}xx`],
    ["?error=access_denied&state=x", cookie],
    [query.replace(/&iss=[^&]*/, "&iss=https%3A%2F%2Fevil.example.org"), cookie],
  ];
  for (const [said, held] of refused) {
    const answer = await back(said, held);
    assert.deepEqual([answer.status, answer.code], [401, "oidc-refused"], said);
    assert.doesNotMatch(answer.cookies, /millrace=/);
  }
  assert.equal(await lastSignIn(), "refused: oidc-refused");
  const shown = await step(`${plane.control.url}/v1/sign-in/oidc/callback?code=x`, "", "text/html");
  assert.deepEqual([shown.status, shown.location], [303, "/?refused=oidc-refused"], "a browser gets a page");
  assert.equal((await back(query, cookie)).status, 303, "the untouched one still opens");
});

test("[CO122] an ID token with another nonce, audience, issuer, time, signature, algorithm or at_hash opens nothing", async () => {
  const now = Math.floor(Date.now() / 1000);
  const forged: Readonly<Record<string, NonNullable<OpenIdProvider["mend"]>>> = {
    audience: ({ header, claims }) => ({ header, claims: { ...claims, aud: "another" } }),
    issuer: ({ header, claims }) => ({ header, claims: { ...claims, iss: "https://evil.example.org" } }),
    expired: ({ header, claims }) => ({ header, claims: { ...claims, iat: now - 900, exp: now - 60 } }),
    endless: ({ header, claims: { exp: _, ...claims } }) => ({ header, claims }),
    nonce: ({ header, claims }) => ({ header, claims: { ...claims, nonce: "another" } }),
    none: ({ header, claims }) => ({ header: { ...header, alg: "none" }, claims }),
    hmac: ({ header, claims }) => ({ header: { ...header, alg: "HS256" }, claims }),
    "unknown key": ({ header, claims }) => ({ header: { ...header, kid: "k9" }, claims }),
    "other algorithm": ({ header, claims }) => ({ header: { ...header, alg: "RS512" }, claims }),
    signature: (token) => ({ ...token, byForeignKey: true }),
    at_hash: ({ header, claims }) => ({ header, claims: { ...claims, at_hash: "bm90IHRoZSByaWdodCBvbmU" } }),
  };
  for (const [what, mend] of Object.entries(forged)) {
    provider.mend = mend;
    const said = await signIn();
    assert.deepEqual([said.status, said.code], [401, "oidc-refused"], what);
  }
  provider.mend = ({ header, claims: { at_hash: _, ...claims } }) => ({
    header,
    claims: { ...claims, iat: now - 900, exp: now - 10 },
  });
  assert.equal((await signIn()).status, 303, "without at_hash, and within the skew of the clocks");
  provider.mend = undefined;
  const { out, cookie } = await toProvider();
  out.searchParams.set("nonce", "another");
  assert.equal((await back(await atProvider(out), cookie)).code, "oidc-refused");
});

test("[CO123] who has no right to an account is told so; an email that is here already opens nothing", async () => {
  await plane.account("grace@example.org", "viewer");
  provider.person = { subject: "g", claims: { email: "Grace@Example.org", email_verified: true } };
  const grace = await signIn();
  assert.deepEqual([grace.status, grace.code], [403, "oidc-no-account"]);
  provider.person = { subject: "b", claims: { email: "bob@example.org", email_verified: false } };
  assert.equal((await signIn()).code, "oidc-no-account");
  assert.equal(await lastSignIn(), "refused: oidc-no-account");
  provider.person = { ...ada, claims: { ...ada.claims, groups: [] } };
  assert.equal((await signIn()).status, 303);
  const account = await plane.stores.accounts.byEmail("ada@example.org");
  assert.equal(account?.role, "viewer", "the provider no longer says staff");
  assert.equal((await client(plane.control.url).signIn("ada@example.org", "!")).code, "wrong-password");
});

test("[CO124] a provider that does not answer, or is gone, is told with 503, and passwords work on", async () => {
  await plane.account("pat@example.org", "viewer");
  const { out, cookie } = await toProvider();
  const query = await atProvider(out);
  provider.silent = true;
  assert.deepEqual((({ status, code }) => [status, code])(await back(query, cookie)), [503, "oidc-away"]);
  await provider.close();
  const dead = await startInMemory({
    ...{ oidcIssuer: provider.issuer, oidcClientId: clientId, oidcPublicUrl: publicUrl },
  });
  const begun = await step(`${dead.control.url}/v1/sign-in/oidc`, "");
  assert.deepEqual([begun.status, begun.code], [503, "oidc-away"]);
  assert.match(begun.headers.get("retry-after") ?? "", /^\d+$/);
  await dead.control.close();
  const pat = client(plane.control.url);
  assert.equal((await pat.signIn("pat@example.org", password)).status, 200);
  const methods = await pat.get("/v1/sign-in/methods");
  assert.deepEqual(methods.body, { password: true, oidc: { name: "The Guild", path: "/v1/sign-in/oidc" } });
  assert.equal(methods.headers.get("cache-control"), "public, max-age=60");
});
