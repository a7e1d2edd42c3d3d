// What the console's catalogue, money and settings ask, over HTTP.
import assert from "node:assert/strict";
import { test } from "node:test";
import { shownSettings } from "#config/shown.ts";
import { controlSettings } from "#control/settings.ts";
import { startInMemory } from "#test/fixtures/memory-control.ts";
import { cookieHeader, cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { opsMoney } from "#wire/money.ts";
import { opsShelf, opsShelfTitle } from "#wire/ops-catalog.ts";
import { opsSettings } from "#wire/settings.ts";

test("[CO450] [CO452] [CO454] an operator is told of titles, money and settings; each answer fits its schema", async (t) => {
  const groups = shownSettings({ control: controlSettings }, { MILLRACE_PLAY_HOURS: "2" });
  const { control, stores } = await startInMemory({ billing: "offline" }, { shownSettings: { groups } });
  t.after(() => control.close());
  await control.publishTitle(smallTitle("film-1"));
  const passwordHash = await knownPasswordHash();
  const who = { email: "op@example.org", passwordHash, role: "operator", profileName: "Op" } as const;
  await stores.accounts.create(who);
  const cookie = cookieHeader(await cookiesOf(control.url, who.email));
  const ask = async (path: string): Promise<unknown> => {
    const answer = await fetch(control.url + path, { headers: { cookie } });
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const shelf = opsShelf.parse(await ask("/v1/ops/catalog/titles?q=film"));
  assert.deepEqual([shelf.found, shelf.rows[0]?.id], [1, "film-1"]);
  const one = opsShelfTitle.parse(await ask("/v1/ops/catalog/titles/film-1"));
  assert.deepEqual([one.row.state, one.plans.length, one.plans[0]?.isWhole], ["published", 3, true]);
  const denied = await fetch(`${control.url}/v1/ops/titles/film-1/deny`, {
    method: "POST",
    headers: { cookie, "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(denied.status, 204);
  assert.equal(opsShelf.parse(await ask("/v1/ops/catalog/titles")).counts.withheld, 1);
  const money = opsMoney.parse(await ask("/v1/ops/money?hours=1"));
  assert.equal(money.untilMs - money.fromMs, 3_600_000);
  assert.deepEqual([money.origin.titles, money.titles[0]?.id, money.subscriptions], [1, "film-1", []]);
  assert.ok(money.sites.length > 0 && money.sites.every(({ sentBytes }) => sentBytes === 0));
  const settings = opsSettings.parse(await ask("/v1/ops/settings"));
  const hours = settings.groups[0]?.settings.find(({ name }) => name === "MILLRACE_PLAY_HOURS");
  assert.deepEqual([hours?.value, hours?.default, hours?.from], [2, 4, "environment"]);
});
