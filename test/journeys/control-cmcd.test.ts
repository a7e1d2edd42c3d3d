// Where players post their CMCD events: a real server, asked as a player asks it and as nobody should.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { tickRecord } from "#control/log-record.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { client } from "./control-client.ts";
import { eventually, openPlane, type Plane, viewer } from "./control-plane.ts";

let home = "";
let running: Plane | undefined;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "millrace-control-cmcd-"));
  running = await openPlane(home);
  await running.control.publishTitle(smallTitle("film-1"));
});

after(async () => {
  await running?.close();
  await rm(home, { recursive: true, force: true });
});

test("[PY158] [CO360] CMCD events are read with their session's token, counted, and told what is wrong with them", async () => {
  assert.ok(running !== undefined);
  const { control, log } = running;
  const ada = client(control.url);
  assert.equal((await ada.signIn(viewer.email, viewer.password)).status, 200);
  const play = await ada.play("film-1");
  const post = (body: string, token: string, type = "application/cmcd") =>
    client(control.url).post("/v1/cmcd", body, {
      "content-type": type,
      authorization: `Bearer ${token}`,
    });
  const line = `cdn="north-a1",e=rr,sid="${play.sessionId}",sn=0,ts=1700000000000,ttfb=12,v=2`;
  const before = (await log.append([tickRecord(0)])) + 1;
  assert.equal((await post(`${line}\n${line},com.example-x=1`, play.sessionToken)).status, 204);
  const counted = async () => String((await client(control.url).get("/metrics")).body);
  assert.match(await counted(), /millrace_cmcd_events_total\{event="rr"\} 2/);
  const refused = [
    [await post(line, ""), 403, "foreign-session"],
    [await post(line.replace(play.sessionId, "other"), play.sessionToken), 403, "foreign-session"],
    [await post(`${line}\nnonsense((`, play.sessionToken), 400, "bad-request"],
    [await post(line, play.sessionToken, "application/xml"), 415, "not-json"],
    [await post(`${line}\n`.repeat(800), play.sessionToken), 413, "body-too-large"],
  ] as const;
  for (const [said, status, code] of refused) assert.deepEqual([said.status, said.code], [status, code]);
  assert.match(JSON.stringify(refused[2][0].body), /line 2/);
  assert.match(await counted(), /millrace_cmcd_events_total\{event="rr"\} 2/, "nothing of a refused body");
  // The decision of the play may be written meanwhile.
  const written = (await log.read(before, 100)).map(({ value }) =>
    JSON.parse(new TextDecoder().decode(value)),
  );
  const kept = written.filter((record) => "cmcd" in record);
  assert.equal(kept.length, 2, "what was answered with 204, and nothing of a refused body");
  const record: { readonly at: unknown } = kept[0];
  const cmcd = {
    ...{ v: 2, sid: play.sessionId, sn: 0, e: "rr", ts: 1_700_000_000_000 },
    ...{ cdn: "north-a1", ttfb: 12 },
  };
  assert.deepEqual({ ...record, at: 0 }, { v: 1, at: 0, cmcd, sessionId: play.sessionId });
  assert.ok(typeof record.at === "number");
  const shown = async () => String((await client(control.url).get("/metrics")).body);
  await eventually("the reports were read", async () =>
    /millrace_qoe_read_records_total\{result="taken"\} 2/.test(await shown()),
  );
  await eventually("nothing waits", async () => /millrace_consumer_lag_records 0\n/.test(await shown()));
  assert.match(await shown(), /millrace_consumed_records_total\{result="skipped"\} 0/, "none is poison");
});
