import assert from "node:assert/strict";
import { test } from "node:test";
import { accountDesk, at, person, type TestDesk } from "#test/fixtures/account-desk.ts";
import { askEmail, askReset, changePassword, confirmEmail, eraseAccount, reset } from "./account-changes.ts";
import { type Tokens, whoIs } from "./devices.ts";
import { type Addressed, Mailroom } from "./mailroom.ts";
import { signIn } from "./sign-in.ts";
import { confirmSignUp, type SignUpWish, signUp } from "./sign-up.ts";

const password = "staple of the engine";
const wish: SignUpWish = {
  ...{ email: " Zoe@X.org", password, profileName: " Zoë ", language: "fr-ca", invitation: undefined },
};
const hour = 3_600_000;

function tokenIn(mail: Addressed | undefined): string {
  assert.ok(mail !== undefined && "token" in mail.letter, JSON.stringify(mail));
  return mail.letter.token;
}

async function asked(desk: TestDesk, more: Partial<SignUpWish> = {}, ms = 0): Promise<Addressed | undefined> {
  const outcome = await signUp(desk, { ...wish, ...more }, at(ms));
  if (outcome.kind !== "taken") throw new Error(outcome.kind);
  return outcome.job();
}

async function signedIn(desk: TestDesk, secret = "secret", email = "ada@x.org"): Promise<Tokens> {
  const outcome = await signIn(desk, { email, password: secret }, at(0));
  if (outcome.kind !== "signed-in") throw new Error(outcome.kind);
  return outcome.tokens;
}

test("[CO104] a sign-up becomes an account by its link and its password, once, until the link's end", async () => {
  const desk = accountDesk({ signUpStanding: "none" });
  const mail = await asked(desk);
  assert.equal(mail?.to, "zoe@x.org");
  const token = tokenIn(mail);
  const order = { token, password, userAgent: undefined };
  assert.equal(await desk.stores.accounts.byEmail("zoe@x.org"), undefined);
  assert.equal((await confirmSignUp(desk, { ...order, password: "other" }, at(1))).kind, "wrong");
  assert.equal((await confirmSignUp(desk, order, at(24 * hour))).kind, "link-over");
  const closed = {
    ...desk,
    ports: { ...desk.ports, settings: { ...desk.ports.settings, signUp: "closed" } },
  };
  assert.equal((await confirmSignUp(closed, order, at(1))).kind, "link-over");
  const made = await confirmSignUp(desk, order, at(2));
  assert.ok(made.kind === "signed-in");
  const { viewer } = made;
  assert.deepEqual([viewer.email, viewer.role, viewer.profileName], ["zoe@x.org", "viewer", "Zoë"]);
  assert.deepEqual([viewer.language, viewer.entitlement.standing], ["fr-CA", "none"]);
  assert.equal((await whoIs(desk, made.tokens.access, 3))?.email, "zoe@x.org");
  assert.equal((await confirmSignUp(desk, order, at(3))).kind, "link-over");
});

test("[CO104] a known email is answered like an unknown one, and is told by mail; its account stays as it is", async () => {
  const desk = accountDesk();
  const ada = await person(desk);
  let hashes = 0;
  const { hash } = desk.ports.passwords;
  desk.ports.passwords.hash = (...order) => {
    hashes += 1;
    return hash(...order);
  };
  const known = await signUp(desk, { ...wish, email: "ADA@x.org" }, at(0));
  const unknown = await signUp(desk, wish, at(0));
  assert.deepEqual([known.kind, unknown.kind, hashes], ["taken", "taken", 2]);
  assert.ok(known.kind === "taken");
  assert.deepEqual(await known.job(), { to: "ada@x.org", letter: { kind: "account-there" } });
  assert.deepEqual(await desk.stores.accounts.byEmail("ada@x.org"), ada);
});

test("[CO104] closed is closed; an invitation's code lets one person in", async () => {
  assert.equal((await signUp(accountDesk({ signUp: "closed" }), wish, at(0))).kind, "closed");
  const desk = accountDesk({ signUp: "invitation" });
  assert.equal((await signUp(desk, wish, at(0))).kind, "not-invited");
  assert.equal((await signUp(desk, { ...wish, invitation: "guess" }, at(0))).kind, "not-invited");
  const invitation = { id: "i", note: "", endsAtMs: hour };
  await desk.stores.invitations.add(invitation, desk.ports.digest("code"), 0);
  const first = tokenIn(await asked(desk, { invitation: "code" }));
  const second = tokenIn(await asked(desk, { invitation: "code", email: "bob@x.org" }));
  const order = { password, userAgent: undefined };
  assert.equal((await confirmSignUp(desk, { ...order, token: first }, at(1))).kind, "signed-in");
  assert.equal((await confirmSignUp(desk, { ...order, token: second }, at(1))).kind, "not-invited");
  assert.equal(await desk.stores.accounts.byEmail("bob@x.org"), undefined);
});

test("[CO104] a password that is guessed first, a name that controls and a language that is none are refused", async () => {
  const refusals: readonly [Partial<SignUpWish>, string][] = [
    [{ password: "password1" }, "password-refused"],
    [{ profileName: "a\nb" }, "profile-refused"],
    [{ language: "klingonese?" }, "profile-refused"],
  ];
  for (const [more, kind] of refusals) {
    assert.equal((await signUp(accountDesk(), { ...wish, ...more }, at(0))).kind, kind);
  }
});

test("[CO113] one email gets so many mails an hour that strangers ask for, and the answer stays the same", async () => {
  const desk = accountDesk({ mailsPerHour: 2 });
  await person(desk);
  const mails = [await askReset(desk, "ada@x.org", at(0))(), await asked(desk, { email: "ada@x.org" }, 1)];
  assert.deepEqual(
    mails.map((mail) => mail?.letter.kind),
    ["reset", "account-there"],
  );
  assert.equal(await askReset(desk, "Ada@x.org", at(2))(), undefined);
  assert.equal(await asked(desk, { email: "ada@x.org" }, 3), undefined);
  assert.ok((await askReset(desk, "ada@x.org", at(hour))()) !== undefined);
});

test("[CO105] a reset is mailed to an account alone, works once within its time, and signs every device out", async () => {
  const desk = accountDesk();
  await person(desk);
  const { access } = await signedIn(desk);
  assert.equal(await askReset(desk, "nobody@x.org", at(0))(), undefined);
  const early = tokenIn(await askReset(desk, "ada@x.org", at(0))());
  const token = tokenIn(await askReset(desk, " ADA@x.org ", at(1))());
  const body = { token, password };
  assert.equal((await reset(desk, { ...body, token: early }, at(2))).kind, "link-over", "the latest counts");
  assert.equal((await reset(desk, body, at(30 * 60_000 + 1))).kind, "link-over");
  assert.equal((await reset(desk, { token, password: "sunshine" }, at(2))).kind, "password-refused");
  const done = await reset(desk, body, at(2));
  assert.ok(done.kind === "done");
  assert.deepEqual(await done.job(), { to: "ada@x.org", letter: { kind: "password-changed" } });
  assert.equal(await whoIs(desk, access, 3), undefined);
  assert.equal((await reset(desk, body, at(3))).kind, "link-over");
  assert.equal((await signIn(desk, { email: "ada@x.org", password: "secret" }, at(4))).kind, "wrong");
  assert.equal((await signIn(desk, { email: "ada@x.org", password }, at(5))).kind, "signed-in");
});

test("[CO106] a change of password wants the present one, counts guesses, and leaves this device alone in", async () => {
  const desk = accountDesk();
  await person(desk);
  const [here, there] = [await signedIn(desk), await signedIn(desk)];
  const ada = (await whoIs(desk, here.access, 1)) ?? assert.fail();
  const change = (present: string, ms: number, newPassword = password) =>
    changePassword(desk, ada, { password: present, newPassword }, at(ms));
  assert.equal((await change("secret", 1, "sunshine")).kind, "password-refused");
  for (let n = 0; n < 3; n++) assert.equal((await change("guess", 2)).kind, "not-proved");
  assert.equal((await change("secret", 3)).kind, "locked");
  assert.equal((await change("secret", 2000)).kind, "done");
  assert.equal(await whoIs(desk, there.access, 2001), undefined);
  assert.equal((await whoIs(desk, here.access, 2001))?.passwordHash, `hash of ${password}`);
});

test("[CO107] an email moves when its new mailbox says so; who had it before is told, and a taken one tells its owner", async () => {
  const desk = accountDesk();
  await person(desk);
  await person(desk, "bob@x.org");
  const ada = (await whoIs(desk, (await signedIn(desk)).access, 1)) ?? assert.fail();
  const ask = async (email: string, secret = "secret"): Promise<Addressed | undefined> => {
    const outcome = await askEmail(desk, ada, { email, password: secret }, at(1));
    return outcome.kind === "done" ? outcome.job() : undefined;
  };
  assert.equal(await ask("new@x.org", "guess"), undefined);
  assert.deepEqual(await ask("BOB@x.org"), { to: "bob@x.org", letter: { kind: "account-there" } });
  const pending = tokenIn(await askReset(desk, "ada@x.org", at(1))());
  const mail = await ask("New@x.org");
  assert.equal(mail?.to, "new@x.org");
  const done = await confirmEmail(desk, tokenIn(mail), at(2));
  assert.ok(done.kind === "done");
  assert.deepEqual(await done.job(), { to: "ada@x.org", letter: { kind: "email-changed" } });
  assert.equal((await reset(desk, { token: pending, password }, at(3))).kind, "link-over");
  assert.equal((await signIn(desk, { email: "new@x.org", password: "secret" }, at(4))).kind, "signed-in");
});

test("[CO108] an account is erased with its password, and its devices are out; the last admin stays", async () => {
  const desk = accountDesk();
  await person(desk);
  await person(desk, "root@x.org", { role: "admin" });
  const { access } = await signedIn(desk);
  const ada = (await whoIs(desk, access, 1)) ?? assert.fail();
  let asked = 0;
  const ending = async (): Promise<undefined> => {
    asked += 1;
  };
  assert.equal((await eraseAccount(desk, ada, "guess", { now: at(1), ending })).kind, "not-proved");
  assert.equal(asked, 0);
  const done = await eraseAccount(desk, ada, "secret", { now: at(2), ending });
  assert.ok(done.kind === "done");
  assert.deepEqual(await done.job(), { to: "ada@x.org", letter: { kind: "erased" } });
  assert.equal(await whoIs(desk, access, 3), undefined);
  assert.equal((await signIn(desk, { email: "ada@x.org", password: "secret" }, at(4))).kind, "wrong");
  const root = (await whoIs(desk, (await signedIn(desk, "secret", "root@x.org")).access, 5)) ?? assert.fail();
  assert.equal((await eraseAccount(desk, root, "secret", { now: at(6), ending })).kind, "last-admin");
});

test("[CO113] mails wait in a bounded room behind the answer; one that fails is told and holds up no other", async () => {
  const sent: string[] = [];
  const trouble: unknown[] = [];
  const room = new Mailroom({
    mail: {
      send: async ({ to, text }) => {
        if (to === "broken@x.org") throw new Error("the mailbox is full");
        sent.push(`${to} ${text.includes("https://f.example") ? "linked" : "plain"}`);
      },
    },
    ...{ base: "https://f.example", most: 3, onTrouble: (error: unknown) => trouble.push(error) },
  });
  const to = (address: string) => async (): Promise<Addressed> => ({
    ...{ to: address, letter: { kind: "account-there" } },
  });
  const posted = ["broken@x.org", "a@x.org", "b@x.org", "c@x.org"].map((address) => room.post(to(address)));
  assert.deepEqual(posted, [true, true, true, false]);
  assert.deepEqual(sent, [], "nothing is sent inside the request");
  room.post(async () => undefined);
  await room.idle();
  assert.deepEqual(sent, ["a@x.org linked", "b@x.org linked"]);
  assert.match(String(trouble), /mailbox is full/);
  assert.ok(room.post(to("d@x.org")));
  room.stop();
  await room.idle();
  assert.equal(sent.length, 2);
});
