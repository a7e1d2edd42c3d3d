import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keepMadePassword } from "#control/io/secrets.ts";
import { whoSignsIn } from "./who-signs-in.ts";

const [here, elsewhere] = [{ ours: true }, { ours: false }];

test("[BI10] named, else the one made-up account, whose password stays on this machine", async (t) => {
  const home = await mkdtemp(join(tmpdir(), "millrace-who-"));
  const before = { ...process.env };
  t.after(async () => {
    process.env = before;
    await rm(home, { recursive: true, force: true });
  });
  const { MILLRACE_EMAIL, MILLRACE_PASSWORD, ...others } = before;
  process.env = { ...others, MILLRACE_HOME: home };
  assert.equal(await whoSignsIn(undefined, here), undefined, "nothing is there");
  await keepMadePassword(join(home, "secrets.json"), "me@x.org", "made");
  const me = { email: "me@x.org", password: "made" };
  assert.deepEqual(await whoSignsIn(undefined, here), me);
  assert.equal(await whoSignsIn(undefined, elsewhere), undefined);
  assert.deepEqual(await whoSignsIn("me@x.org", elsewhere), { email: "me@x.org", password: undefined });
  assert.deepEqual(await whoSignsIn("ada@x.org", here), { email: "ada@x.org", password: undefined });
  process.env.MILLRACE_EMAIL = "ada@x.org";
  process.env.MILLRACE_PASSWORD = "told";
  assert.deepEqual(await whoSignsIn(undefined, elsewhere), { email: "ada@x.org", password: "told" });
  assert.deepEqual(await whoSignsIn("me@x.org", here), { email: "me@x.org", password: "told" });
  process.env.MILLRACE_EMAIL = "";
  process.env.MILLRACE_PASSWORD = "";
  await keepMadePassword(join(home, "secrets.json"), "two@x.org", "made too");
  assert.equal(await whoSignsIn(undefined, here), undefined, "none is guessed");
});
