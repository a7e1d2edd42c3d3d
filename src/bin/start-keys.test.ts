import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { licenceSettings } from "#licence/settings.ts";
import { openKeyProvider } from "#test/fixtures/key-provider.ts";
import { openScreenRig } from "#test/fixtures/screen-rig.ts";
import { Fault } from "#units/fault.ts";
import { startProtection } from "./start-keys.ts";

const settings = defaultsOf(licenceSettings);
const packager = async () => async (): Promise<void> => undefined;

test("[CO268] a film of `millrace start` stays clear unless MILLRACE_ENCRYPT says otherwise", async (t) => {
  const { control } = await openScreenRig(t);
  assert.equal(startProtection({ settings, control, packager }), undefined);
});

test("[CO268] its keys are kept before they are used, and are the same when it is packaged again", async (t) => {
  const { control } = await openScreenRig(t);
  const protect = startProtection({ settings: { ...settings, encrypt: "clearkey" }, control, packager });
  assert.ok(protect !== undefined);
  const { keys } = await protect("film");
  assert.deepEqual(
    keys.map(({ label }) => label),
    ["SD", "HD", "UHD1", "AUDIO"],
  );
  assert.deepEqual(await control.keysToPack("film"), keys);
  assert.deepEqual((await protect("film")).keys, keys);
  assert.ok((await protect("other")).keys.every(({ kid }) => !keys.some((key) => key.kid === kid)));
});

test("[CO269] what a provider's systems want is kept with its keys, for when the film is packaged again", async (t) => {
  const { control } = await openScreenRig(t);
  const { url, asked, close } = await openKeyProvider();
  t.after(close);
  const speke = { ...settings, encrypt: "speke", spekeUrl: url, widevineUrl: url, fairplayUrl: url } as const;
  const protect = startProtection({ settings: speke, control, packager });
  const first = await protect?.("film");
  assert.deepEqual(
    first?.keys.map(({ signalling }) => signalling?.map(({ system }) => system)),
    Array.from({ length: 4 }, () => ["widevine", "fairplay"]),
  );
  assert.deepEqual((await protect?.("film"))?.keys, first?.keys);
  assert.equal(asked(), 1, "a provider is asked once for a title");
});

test("[CO268] without a packager, or a provider that answers, no key is kept", async (t) => {
  const { control } = await openScreenRig(t);
  const speke = startProtection({ settings: { ...settings, encrypt: "speke" }, control, packager });
  await assert.rejects(
    speke?.("film") ?? Promise.resolve(),
    (error) => error instanceof Fault && error.code === "licence-provider-off",
  );
  const missing = () => Promise.reject(new Error("no packager"));
  const lame = startProtection({
    settings: { ...settings, encrypt: "clearkey" },
    control,
    packager: missing,
  });
  await assert.rejects(lame?.("film") ?? Promise.resolve(), /no packager/);
  assert.deepEqual(await control.keysToPack("film"), []);
});
