// What operators ask of sessions and pictures, over HTTP, against stores in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { film, openScreenRig } from "#test/fixtures/screen-rig.ts";
import { cookieHeader, cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { client } from "#test/journeys/control-client.ts";
import { opsSessions } from "#wire/ops.ts";
import { opsTimeline } from "#wire/ops-sessions.ts";

test("[CO443] [CO448] [CO449] a session is found by what it is, its timeline read from the log, and its title's pictures opened", async (t) => {
  const rig = await openScreenRig(t);
  const passwordHash = await knownPasswordHash();
  const order = { email: "olga@example.org", passwordHash, role: "operator", profileName: "Olga" } as const;
  await rig.stores.accounts.create(order);
  const olga = client(rig.control.url, cookieHeader(await cookiesOf(rig.control.url, order.email)));
  const ada = await rig.device(await rig.account("ada@example.org"));
  const play = await ada.play(film);
  const events = [ada.beacon(play, 1), ada.beacon(play, 3, { state: "stalled" })];
  const { sessionId, sessionToken } = play;
  assert.equal((await ada.post("/v1/telemetry", { sessionToken, events })).status, 204);
  const found = async (query: string): Promise<readonly string[]> =>
    opsSessions
      .parse((await olga.get(`/v1/ops/sessions?${query}`)).body)
      .sessions.map((one) => one.sessionId);
  assert.deepEqual(await found(`title=${film}&limit=5`), [sessionId]);
  assert.deepEqual(await found(`title=${film}&network=AS1`), []);
  assert.equal((await olga.get("/v1/ops/sessions?state=nonsense")).status, 400);
  const told = opsTimeline.parse((await olga.get(`/v1/ops/sessions/${sessionId}/timeline`)).body);
  assert.deepEqual(
    [told.session.sessionId, told.beacons.map(({ seq }) => seq), told.gaps, told.log.read],
    [sessionId, [1, 3], [{ afterSeq: 1, beforeSeq: 3 }], "whole"],
  );
  assert.equal((await olga.get("/v1/ops/sessions/nobody/timeline")).code, "unknown-session");
  assert.equal((await ada.get(`/v1/ops/sessions/${sessionId}/timeline`)).code, "not-operator");
  const { url } = Object((await olga.get(`/v1/ops/titles/${film}/storyboard`)).body);
  assert.match(url, /\/t\/\d{10}\/poster-[^/]+\/[^/]+\/v\/film-1\/storyboard\.vtt$/);
  assert.equal((await olga.get("/v1/ops/titles/none/storyboard")).code, "unknown-title");
});
