// The cookies of a sign-in in a real browser: which of them it sends where, and that its pages go on.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { openBrowser } from "#io/browser.ts";
import { ada, minute, openRig } from "#test/fixtures/account-rig.ts";
import { client } from "./control-client.ts";

const chromium = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
const skip = existsSync(chromium) ? false : `no Chromium at ${chromium}: apt-get install chromium`;

test("[CO102] in a browser five requests at once outlive the access token; no script and no other path gets the refresh cookie", {
  skip,
}, async (t) => {
  const rig = await openRig(t);
  const browser = await openBrowser(chromium);
  t.after(() => browser.close());
  const page = await browser.context.newPage();
  await page.goto(`${rig.url}/healthz`);
  const ask = (path: string, body?: unknown): Promise<number> =>
    page.evaluate(
      async ([where, sent]) => {
        const headers = { "content-type": "application/json" };
        const post = { method: "POST", headers, body: sent ?? "" };
        return (await fetch(where, sent === undefined ? {} : post)).status;
      },
      [path, body === undefined ? undefined : JSON.stringify(body)] as const,
    );
  assert.equal(await ask("/v1/sign-in", ada), 200);
  const kept = async () => browser.context.cookies(`${rig.url}/v1/me`);
  const refresh = async () => (await kept()).find(({ name }) => name === "millrace-refresh");
  const first = (await refresh()) ?? assert.fail();
  assert.deepEqual([first.httpOnly, first.sameSite, first.path], [true, "Strict", "/v1"]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  const elsewhere = (await browser.context.cookies(`${rig.url}/healthz`)).map(({ name }) => name);
  assert.deepEqual(elsewhere, ["millrace"]);

  rig.pass(16 * minute);
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(() => ask("/v1/me"))), [200, 200, 200, 200, 200]);
  const second = (await refresh())?.value ?? "";
  assert.notEqual(second, first.value);
  rig.pass(16 * minute);
  assert.equal(await ask("/v1/me"), 200);

  const thief = client(rig.url, `millrace-refresh=${first.value}`);
  assert.equal((await thief.get("/v1/me")).status, 401);
  assert.equal(await ask("/v1/me"), 401);
  assert.deepEqual(await kept(), [], "the browser let go of both");
});
