import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { looksLikeToken, readToken, tokenText } from "./api-token.ts";
import {
  atHashName,
  type Claims,
  type FederationRules,
  judgeClaims,
  type Opening,
  readIssuer,
  readRoles,
  roleOf,
  safeNext,
  signatureAlgorithms,
} from "./federation.ts";

const seed = 40;
const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
const claims: Claims = {
  ...{ subject: "s-1", email: "ada@x.org", emailVerified: true, name: "Ada", groups: [] },
};
const open: FederationRules = { linkByEmail: true, signUp: true, roles: new Map() };
const nobody = { linked: undefined, sameEmail: undefined };
const ada = { id: "ada", role: "viewer" } as const;
const root = { id: "root", role: "admin" } as const;
const kind = (opening: Opening): string => opening.kind;

test("[AC40] issuer and subject open their account, whatever the email says and whatever is allowed", () => {
  const shut: FederationRules = { ...open, linkByEmail: false, signUp: false };
  const bare = { ...claims, email: undefined, emailVerified: false };
  assert.deepEqual(judgeClaims(bare, { linked: root, sameEmail: undefined }, shut), {
    kind: "open",
    accountId: "root",
  });
  assert.deepEqual(judgeClaims(claims, { linked: ada, sameEmail: root }, open), {
    kind: "open",
    accountId: "ada",
  });
});

test("[AC41] an email alone opens nothing: only verified, where it is allowed, and never an operator's account", () => {
  const same = { linked: undefined, sameEmail: ada };
  assert.deepEqual(judgeClaims(claims, same, open), { kind: "link", accountId: "ada" });
  assert.equal(kind(judgeClaims({ ...claims, emailVerified: false }, same, open)), "refused");
  assert.equal(kind(judgeClaims(claims, same, { ...open, linkByEmail: false })), "refused");
  for (const role of ["operator", "admin"] as const) {
    assert.equal(kind(judgeClaims(claims, { ...same, sameEmail: { id: "x", role } }, open)), "refused");
  }
});

test("[AC42] an account is made only where sign-up is allowed, and only with a verified email", () => {
  const made = judgeClaims({ ...claims, name: "🎬".repeat(60) }, nobody, open);
  assert.ok(made.kind === "create");
  assert.deepEqual([made.email, made.role, [...made.profileName].length], ["ada@x.org", "viewer", 40]);
  const bad: readonly (readonly [Partial<Claims>, Partial<FederationRules>])[] = [
    [{}, { signUp: false }],
    [{ email: undefined }, {}],
    [{ email: "no address" }, {}],
    [{ email: `${"a".repeat(260)}@x.org` }, {}],
    [{ emailVerified: false }, {}],
  ];
  for (const [said, rules] of bad) {
    assert.equal(kind(judgeClaims({ ...claims, ...said }, nobody, { ...open, ...rules })), "refused");
  }
});

test("[AC43] a list of roles is read whole or not at all", () => {
  assert.deepEqual(
    readRoles(" staff=operator, a=b=admin,"),
    new Map([
      ["staff", "operator"],
      ["a=b", "admin"],
    ]),
  );
  for (const wrong of ["staff=owner", "=admin", "staff", "staff=operator,root"]) {
    assert.equal(readRoles(wrong), undefined, wrong);
  }
  assert.equal(readRoles("")?.size, 0);
});

test("[AC43] the highest role of several groups, and viewer for none of them", () => {
  const roles = readRoles("staff=operator, root=admin") ?? assert.fail();
  assert.equal(roleOf({ groups: ["staff", "root"] }, { roles }), "admin");
  assert.equal(roleOf({ groups: ["staff"] }, { roles }), "operator");
  assert.equal(roleOf({ groups: ["Root", "ROOT"] }, { roles }), "viewer");
  assert.equal(roleOf({ groups: ["root"] }, { roles: new Map() }), undefined);
  const made = judgeClaims({ ...claims, groups: ["root"] }, nobody, { ...open, roles });
  assert.equal(made.kind === "create" && made.role, "admin");
});

test("[AC44] after sign-in the browser stays here, whatever it was told", () => {
  for (const good of ["/", "/ops", "/title/film?at=3#x", "/a//b"]) assert.equal(safeNext(good), good);
  const bad = [
    ...[
      "https://evil.org",
      "//evil.org",
      "/\\evil.org",
      "\\/evil.org",
      "/\t/evil.org",
      "javascript:alert(1)",
    ],
    ...["", "evil", "/ä", "/a b", `/${"a".repeat(2000)}`, "/\u0000", "/a\\b"],
  ];
  for (const text of bad) assert.equal(safeNext(text), "/", text);
  assert.equal(safeNext(undefined), "/");
  assert.equal(safeNext("/..//evil.org"), "/", "what dots leave behind is looked at as well");
});

test("[AC44] law: where it goes is always an address of this site", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    "..",
    ".",
    "evil.org",
    "@",
    ":",
    "?",
    "#",
    "%2f",
    "\t",
    "http:",
    "a",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const to = safeNext(pieces.join(""));
      assert.equal(new URL(to, "https://watch.example.org").origin, "https://watch.example.org");
    }),
    { seed, numRuns: 2000 },
  );
});

test("[AC45] an issuer is https, or http on this machine; and its signatures are its own", () => {
  for (const good of ["https://id.example.org/realms/x", "http://127.0.0.1:4000", "http://[::1]:4000"]) {
    assert.equal(readIssuer(good)?.href.startsWith(good), true, good);
  }
  const bad = [
    "http://id.example.org",
    "http://127.0.0.1.evil.org",
    "ftp://x",
    "https://u@x.org",
    "https://x.org?a",
    "x",
  ];
  for (const text of bad) assert.equal(readIssuer(text), undefined, text);
  for (const never of ["none", "HS256", "HS512", ""]) assert.equal(signatureAlgorithms.has(never), false);
  assert.deepEqual(["RS256", "ES384", "PS512", "EdDSA"].map(atHashName), [
    ...["sha256", "sha384", "sha512"],
    "sha512",
  ]);
});

test("[AC46] a token says what it is for and carries a checksum: any change of it is seen without asking anyone", () => {
  fc.assert(
    fc.property(fc.constantFrom("worker", "appliance"), fc.nat(), fc.nat(), (kind, chance, at) => {
      const text = tokenText(kind, digest(`${chance}`), digest);
      assert.match(text, /^mr_(worker|appliance)_[0-9a-f]{56}$/);
      assert.equal(readToken(text, digest), kind);
      const place = text.length - 1 - (at % 56);
      const other = text[place] === "0" ? "1" : "0";
      assert.equal(readToken(`${text.slice(0, place)}${other}${text.slice(place + 1)}`, digest), undefined);
      assert.equal(readToken(text.slice(1), digest), undefined);
      assert.ok(looksLikeToken(text));
    }),
    { seed, numRuns: 300 },
  );
  const worker = tokenText("worker", digest("x"), digest);
  assert.equal(readToken(worker.replace("worker", "appliance"), digest), undefined);
});
