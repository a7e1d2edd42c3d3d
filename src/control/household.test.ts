import assert from "node:assert/strict";
import { test } from "node:test";
import type { Viewer } from "#data/ports.ts";
import { accountDesk, at, person, type TestDesk } from "#test/fixtures/account-desk.ts";
import { openDevice, whoIs } from "./devices.ts";
import { changeProfile, chooseProfile, createProfile, removeProfile } from "./household.ts";

interface Home {
  readonly desk: TestDesk;
  /** Who asks on this device at present, with the PIN that is sent along. */
  asked(
    ms: number,
    pin?: string,
  ): Promise<{ viewer: Viewer; pin: string | undefined; now: ReturnType<typeof at> }>;
}

async function home(): Promise<Home> {
  const desk = accountDesk({ pinFailures: 3 });
  const { id: accountId } = await person(desk);
  const opened = await openDevice(desk, { accountId, userAgent: undefined, nowMs: 0 });
  assert.ok(opened.kind === "signed-in");
  const { access } = opened.tokens;
  return {
    desk,
    asked: async (ms, pin) => ({
      viewer: (await whoIs(desk, access, ms)) ?? assert.fail(),
      ...{ pin, now: at(ms) },
    }),
  };
}

async function withChild(newPin?: string): Promise<Home & { readonly childId: string }> {
  const there = await home();
  const draft = { name: " Ben ", maturity: 7, language: "pt-br", newPin };
  const made = await createProfile(there.desk, draft, await there.asked(0));
  assert.ok(made.kind === "done");
  return { ...there, childId: made.profile.id };
}

test("[CO110] a profile is made, used, changed and removed, and each takes hold with the next request", async () => {
  const { desk, asked, childId } = await withChild();
  assert.equal((await chooseProfile(desk, childId, await asked(1))).kind, "done");
  const { viewer: ben } = await asked(2);
  assert.deepEqual([ben.profileName, ben.maturity, ben.language], ["Ben", 7, "pt-BR"]);
  assert.equal((await changeProfile(desk, childId, { name: "Bea" }, await asked(3))).kind, "done");
  assert.equal((await asked(4)).viewer.profileName, "Bea");
  assert.equal((await changeProfile(desk, childId, { maturity: 12 }, await asked(5))).kind, "refused");
  assert.equal((await removeProfile(desk, childId, await asked(6))).kind, "done");
  const { viewer: main } = await asked(7);
  assert.deepEqual([main.profileName, main.maturity], ["Ada", 18]);
  assert.equal((await chooseProfile(desk, childId, await asked(8))).kind, "unknown");
  assert.equal((await removeProfile(desk, main.profileId, await asked(9))).kind, "refused");
});

test("[CO110] an account has so many profiles, and what does not fit changes nothing", async () => {
  const { desk, asked } = await home();
  const draft = { name: "Kim" };
  for (let n = 1; n < desk.ports.settings.profilesPerAccount; n++) {
    assert.equal((await createProfile(desk, draft, await asked(n))).kind, "done");
  }
  assert.equal((await createProfile(desk, draft, await asked(9))).kind, "full");
  for (const wrong of [{ name: "" }, { name: "a\u0007" }, { language: "no such language" }]) {
    const { viewer } = await asked(10);
    assert.equal((await changeProfile(desk, viewer.profileId, wrong, await asked(10))).kind, "refused");
  }
  assert.equal((await asked(11)).viewer.profileName, "Ada");
});

test("[CO110] a child's profile is left with its PIN alone; guesses at it are counted", async () => {
  const { desk, asked, childId } = await withChild("0042");
  const mainId = (await asked(0)).viewer.profileId;
  assert.equal((await chooseProfile(desk, childId, await asked(1))).kind, "done");
  const leave = async (ms: number, pin?: string): Promise<string> =>
    (await chooseProfile(desk, mainId, await asked(ms, pin))).kind;
  assert.equal(await leave(2), "pin-wanted");
  const free = { newPin: null };
  assert.equal((await changeProfile(desk, childId, free, await asked(3))).kind, "pin-wanted");
  for (const guess of ["0000", "0001", "0002"]) assert.equal(await leave(4, guess), "pin-wrong");
  assert.equal(await leave(5, "0042"), "locked");
  assert.equal((await asked(6)).viewer.profileId, childId);
  assert.equal(await leave(1500, "0042"), "done");
  assert.equal((await asked(1501)).viewer.profileId, mainId);
});
