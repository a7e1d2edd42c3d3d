// The paths of accounts over HTTP, on memory stores and a clock of the test's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { letterText } from "#account/letter.ts";
import { ada, minute, openRig as open, root } from "#test/fixtures/account-rig.ts";
import { type Client, client, type Said } from "#test/journeys/control-client.ts";
import { accountsPage, devices, madeInvitation, profile, profiles, signedIn } from "#wire/account.ts";
import { signInMethods } from "#wire/identity.ts";
import { me } from "#wire/viewer.ts";

const cookieOf = (browser: Client, name: string): string =>
  new RegExp(`(?:^|; )${name}=([^;]+)`).exec(browser.cookie())?.[1] ?? "";
const secretIn = (text: string): string => /#(\S+)/.exec(text)?.[1] ?? "";
const accountId = (said: Said): string => me.parse(said.body).accountId;

test("[CO102] a page goes on past its access token and sees nothing of it; a copied cookie signs the device out", async (t) => {
  const rig = await open(t);
  const browser = await rig.in(ada);
  const first = cookieOf(browser, "millrace-refresh");
  assert.match(first, /^r1~/);
  rig.pass(16 * minute);
  const tab = client(rig.url, browser.cookie());
  const answers = await Promise.all([browser, tab, browser].map((one) => one.get("/v1/me")));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  const second = cookieOf(browser, "millrace-refresh");
  assert.notEqual(second, first);
  assert.equal(cookieOf(tab, "millrace-refresh"), second);
  const set = answers[0]?.headers.getSetCookie() ?? [];
  assert.match(set.join("\n"), /^millrace-refresh=r1~\S+; .*Path=\/v1; HttpOnly; SameSite=Strict$/m);

  const thief = client(rig.url, `millrace-refresh=${first}`);
  rig.pass(minute);
  assert.equal((await thief.get("/v1/me")).code, "signed-out");
  assert.equal(thief.cookie(), "", "its cookies are taken back");
  assert.equal((await browser.get("/v1/me")).code, "signed-out", "and the owner's token is void at once");
  const [mail] = await rig.mails(ada.email);
  assert.equal(mail?.subject, "A device was signed out");
});

test("[CO102] without the database those who are known go on; whoever must be looked up is told to wait", async (t) => {
  const rig = await open(t);
  const browser = await rig.in(ada);
  const away = (): Promise<never> => Promise.reject(Object.assign(new Error("away"), { statusCode: 503 }));
  rig.stores.devices.viewer = away;
  rig.stores.devices.refresh = away;
  assert.equal((await browser.get("/v1/me")).status, 200);
  rig.pass(16 * minute);
  assert.ok((await browser.get("/v1/me")).status >= 500, "not let in, and not signed out either");
  assert.notEqual(cookieOf(browser, "millrace-refresh"), "");
});

test("[CO103] an app has its tokens in the body, sets no cookie, and no other page can refresh for it", async (t) => {
  const rig = await open(t);
  const app = client(rig.url);
  const said = await app.post("/v1/sign-in", { ...ada, tokens: "body" });
  const { tokens = assert.fail() } = signedIn.parse(said.body);
  assert.equal(app.cookie(), "");
  const withToken = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${rig.url}/v1/me`, { headers })).status;
  };
  assert.equal(await withToken(tokens.accessToken), 200);
  assert.equal(await withToken(tokens.refreshToken), 401, "a refresh token opens nothing");
  rig.pass(16 * minute);
  assert.equal(await withToken(tokens.accessToken), 401);
  const next = signedIn.parse((await app.post("/v1/refresh", { refreshToken: tokens.refreshToken })).body);
  assert.equal(await withToken(next.tokens?.accessToken ?? ""), 200);
  assert.equal((await app.post("/v1/refresh", { refreshToken: "r1~a~b~1~c~d" })).code, "signed-out");
  assert.equal((await app.post("/v1/refresh", {})).code, "signed-out");
  assert.equal(app.cookie(), "");

  const browser = await rig.in(ada);
  const refreshed = await browser.post("/v1/refresh", {});
  assert.equal(signedIn.parse(refreshed.body).tokens, undefined, "a cookie's token never stands in a body");
  const foreign = await browser.post("/v1/me/password", {}, { "sec-fetch-site": "cross-site" });
  assert.equal(foreign.code, "cross-site");
});

test("[CO104] signing up answers alike for known and unknown emails; the mailed link makes the account", async (t) => {
  const rig = await open(t);
  const stranger = client(rig.url);
  const body = { password: "a word that is long", profileName: "Zoë" };
  const said = await Promise.all(
    ["zoe@example.org", ada.email.toUpperCase()].map((email) =>
      stranger.post("/v1/sign-up", { ...body, email }),
    ),
  );
  for (const { status, body: answer, headers } of said) {
    assert.deepEqual([status, answer, headers.getSetCookie()], [202, "", []]);
  }
  assert.equal((await rig.mails(ada.email))[0]?.subject, "You have an account already");
  const text = (await rig.mails("zoe@example.org"))[0]?.text ?? "";
  assert.match(text, /https:\/\/films\.example\.org\/sign-up\/confirm#/);
  const token = secretIn(text);
  assert.equal((await stranger.post("/v1/sign-up/confirm", { token, password: "no" })).code, "not-proved");
  assert.equal((await stranger.post("/v1/sign-up/confirm", { token, password: body.password })).status, 200);
  assert.equal(me.parse((await stranger.get("/v1/me")).body).email, "zoe@example.org");
  for (const wrong of [
    { ...body, email: "no email" },
    { ...body, email: `${"a".repeat(250)}@x.org` },
  ]) {
    assert.equal((await stranger.post("/v1/sign-up", wrong)).code, "bad-request");
  }
});

test("[CO104] by default nobody signs up; with invitations a code that an admin made lets one in", async (t) => {
  const closed = await open(t, { signUp: "closed" });
  const body = { email: "zoe@example.org", password: "a word that is long" };
  assert.equal((await client(closed.url).post("/v1/sign-up", body)).code, "sign-up-closed");
  const rig = await open(t, { signUp: "invitation" });
  const admin = await rig.in(root);
  const made = madeInvitation.parse((await admin.post("/v1/admin/invitations", { note: "Zoë" })).body);
  const list = JSON.stringify((await admin.get("/v1/admin/invitations")).body);
  assert.ok(list.includes("Zoë") && !list.includes(made.code), "the code is told once");
  const stranger = client(rig.url);
  assert.equal((await stranger.post("/v1/sign-up", body)).code, "not-invited");
  assert.equal((await stranger.post("/v1/sign-up", { ...body, invitation: made.code })).status, 202);
  assert.equal((await admin.send("DELETE", `/v1/admin/invitations/${made.id}`)).status, 204);
  assert.equal((await admin.send("DELETE", `/v1/admin/invitations/${made.id}`)).code, "unknown-invitation");
  assert.equal((await stranger.post("/v1/sign-up", { ...body, invitation: made.code })).code, "not-invited");
});

test("[CO422] how one may sign in says who may ask for an account", async (t) => {
  for (const signUp of ["closed", "invitation", "open"] as const) {
    const rig = await open(t, { signUp });
    const { body } = await client(rig.url).get("/v1/sign-in/methods");
    assert.equal(signInMethods.parse(body).signUp, signUp === "closed" ? undefined : signUp);
  }
});

test("[CO105] a forgotten password is set by its mailed link, whatever host the request named", async (t) => {
  const rig = await open(t);
  const browser = await rig.in(ada);
  const stranger = client(rig.url);
  const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };
  for (const email of ["nobody@example.org", ada.email]) {
    const said = await stranger.post("/v1/password-reset", { email }, headers);
    assert.deepEqual([said.status, said.body], [202, ""]);
  }
  const text = (await rig.mails(ada.email))[0]?.text ?? "";
  const token = secretIn(text);
  const wanted = letterText({ kind: "reset", token, minutes: 30 }, "https://films.example.org");
  assert.equal(text, wanted.text);
  const password = "another one that is long";
  const weak = await stranger.post("/v1/password-reset/confirm", { token, password: "sunshine" });
  assert.equal(weak.code, "password-refused");
  assert.equal((await stranger.post("/v1/password-reset/confirm", { token, password })).status, 204);
  assert.equal((await stranger.post("/v1/password-reset/confirm", { token, password })).code, "link-over");
  assert.equal((await browser.get("/v1/me")).code, "signed-out");
  assert.equal((await stranger.signIn(ada.email, password)).status, 200);
});

test("[CO105] whoever asks too often is told to wait before anything is looked up", async (t) => {
  const rig = await open(t, { signUpsPerMinute: 2 });
  const stranger = client(rig.url);
  const codes: (string | number)[] = [];
  for (let n = 0; n < 3; n++) {
    const { status, code } = await stranger.post("/v1/password-reset", { email: `${n}@example.org` });
    codes.push(status, code);
  }
  assert.deepEqual(codes, [202, "", 202, "", 429, "too-many-requests"]);
});

test("[CO106] [CO107] [CO108] password, email and end of an account want the password, and are told by mail", async (t) => {
  const rig = await open(t);
  const [browser, other] = [await rig.in(ada), await rig.in(ada)];
  const newPassword = "another one that is long";
  const guess = { password: "not it", newPassword };
  assert.equal((await browser.post("/v1/me/password", guess)).code, "not-proved");
  const change = await browser.post("/v1/me/password", { ...ada, newPassword });
  assert.equal(change.status, 204, JSON.stringify(change.body));
  assert.equal((await other.get("/v1/me")).code, "signed-out");
  assert.equal((await rig.mails(ada.email))[0]?.subject, "Your password was changed");

  const email = "ada.new@example.org";
  assert.equal((await browser.post("/v1/me/email", { email, password: newPassword })).status, 202);
  const token = secretIn((await rig.mails(email))[0]?.text ?? "");
  assert.equal((await client(rig.url).post("/v1/email/confirm", { token })).status, 204);
  assert.equal(me.parse((await browser.get("/v1/me")).body).email, email);

  assert.equal((await browser.send("DELETE", "/v1/me", { password: ada.password })).code, "not-proved");
  assert.equal((await browser.send("DELETE", "/v1/me", { password: newPassword })).status, 204);
  assert.equal(browser.cookie(), "");
  assert.equal(await rig.stores.accounts.byEmail(email), undefined);
  assert.equal((await client(rig.url).signIn(email, newPassword)).code, "wrong-password");
});

test("[CO109] devices are listed and signed out; another account's is answered like one that does not exist", async (t) => {
  const rig = await open(t);
  const [here, there] = [await rig.in(ada), await rig.in(ada)];
  const list = devices.parse((await here.get("/v1/devices")).body).devices;
  assert.deepEqual(list.map(({ current }) => current).toSorted(), [false, true]);
  const mine = list.find(({ current }) => current)?.id ?? "";
  const other = list.find(({ current }) => !current)?.id ?? "";
  const admin = await rig.in(root);
  const foreign = await admin.send("DELETE", `/v1/devices/${mine}`);
  const nobody = await admin.send("DELETE", "/v1/devices/nobody");
  assert.deepEqual([foreign.status, foreign.code], [nobody.status, nobody.code]);
  assert.equal(foreign.code, "unknown-device");
  assert.equal((await here.send("DELETE", `/v1/devices/${other}`)).status, 204);
  assert.equal((await there.get("/v1/me")).code, "signed-out");
  const third = await rig.in(ada);
  assert.equal((await here.post("/v1/devices/sign-out", { keepThis: true })).status, 204);
  assert.deepEqual([(await third.get("/v1/me")).status, (await here.get("/v1/me")).status], [401, 200]);
  assert.equal((await here.post("/v1/devices/sign-out", { keepThis: false })).status, 204);
  assert.equal((await here.get("/v1/me")).code, "signed-out");
  await here.signIn(ada.email, ada.password);
  await here.signIn(ada.email, ada.password);
  const left = devices.parse((await here.get("/v1/devices")).body).devices;
  assert.equal(left.length, 1, "who signs in again leaves no device behind");
});

test("[CO110] profiles over HTTP: made, chosen, changed, left with a PIN, and nobody else's", async (t) => {
  const rig = await open(t);
  const browser = await rig.in(ada);
  const admin = await rig.in(root);
  const draft = { name: "Ben", maturity: 7, newPin: "0042" };
  const made = profile.parse((await browser.post("/v1/profiles", draft)).body);
  assert.deepEqual([made.name, made.hasPin, made.main, made.inUse], ["Ben", true, false, false]);
  for (const wrong of [
    { name: "X", newPin: "12a4" },
    { name: "X", maturity: 19 },
    { name: "X", newPin: "123" },
  ]) {
    assert.equal((await browser.post("/v1/profiles", wrong)).code, "bad-request");
  }
  const path = `/v1/profiles/${made.id}`;
  for (const said of [
    await admin.post(`${path}/use`, {}),
    await admin.send("PATCH", path, { name: "Eve" }),
    await admin.send("DELETE", path),
  ]) {
    assert.equal(said.code, "unknown-profile");
  }
  assert.equal((await browser.post(`${path}/use`, "")).status, 204);
  assert.equal(me.parse((await browser.get("/v1/me")).body).profileName, "Ben");
  const all = profiles.parse((await browser.get("/v1/profiles")).body).profiles;
  const main = all.find((one) => one.main)?.id ?? "";
  assert.equal((await browser.post(`/v1/profiles/${main}/use`, {})).code, "pin-wanted");
  assert.equal((await browser.post(`/v1/profiles/${main}/use`, { pin: "1111" })).code, "pin-wrong");
  assert.equal((await browser.send("PATCH", path, { maturity: 18 })).code, "profile-refused");
  assert.equal((await browser.post(`/v1/profiles/${main}/use`, { pin: "0042" })).status, 204);
  assert.equal((await browser.send("PATCH", path, { name: "Bea", newPin: null })).status, 200);
  assert.equal((await browser.send("DELETE", path)).status, 204);
});

test("[CO111] an admin finds accounts, sets roles and locks, all in force at once; the last admin stays", async (t) => {
  const rig = await open(t, { accountsPerPage: 1 });
  const [browser, admin] = [await rig.in(ada), await rig.in(root)];
  const first = accountsPage.parse((await admin.get("/v1/admin/accounts")).body);
  assert.deepEqual([first.accounts[0]?.email, first.next], [ada.email, ada.email]);
  const second = accountsPage.parse((await admin.get(`/v1/admin/accounts?after=${first.next}`)).body);
  assert.deepEqual([second.accounts[0]?.email, second.next], [root.email, null]);
  const found = accountsPage.parse((await admin.get("/v1/admin/accounts?search=ROOT")).body);
  assert.equal(found.accounts[0]?.email, root.email);

  const [hers, his] = [accountId(await browser.get("/v1/me")), accountId(await admin.get("/v1/me"))];
  const of = (id: string, wish: string) => `/v1/admin/accounts/${id}/${wish}`;
  assert.equal((await browser.post(of(hers, "role"), { role: "admin" })).code, "not-admin");
  assert.equal((await admin.post(of(hers, "role"), { role: "operator" })).status, 204);
  assert.equal((await browser.get("/v1/ops/appliances")).status, 200, "with the token of before");
  assert.equal((await admin.post(of(hers, "role"), { role: "viewer" })).status, 204);
  assert.equal((await browser.get("/v1/ops/appliances")).code, "not-operator");
  assert.equal((await admin.post(of(his, "role"), { role: "viewer" })).code, "last-admin");
  assert.equal((await admin.post(of(his, "lock"), {})).code, "last-admin");
  assert.equal((await admin.post(of("nobody", "lock"), {})).code, "unknown-account");
  assert.equal((await admin.post(of(hers, "role"), { role: "god" })).code, "bad-request");

  assert.equal((await admin.post(of(hers, "lock"), {})).status, 204);
  assert.equal((await browser.get("/v1/me")).code, "signed-out");
  assert.equal((await browser.signIn(ada.email, ada.password)).code, "account-closed");
  assert.equal((await browser.signIn(ada.email, "not it")).code, "wrong-password", "told to its owner alone");
  assert.equal((await admin.post(of(hers, "unlock"), {})).status, 204);
  assert.equal((await browser.signIn(ada.email, ada.password)).status, 200);
});
