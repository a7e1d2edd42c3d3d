// What a real play in a real browser tells those who serve it, and what it makes of what they say: CMCD and CMSD.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeCmcd, validateCmcd, validateCmcdEvents } from "@svta/cml-cmcd";
import { defaultRule } from "#abr/default-rule.ts";
import type { HookState } from "#web/player/view.ts";
import { type CmcdEvent, type CmcdRequest, readCmcdLines, readCmcdQuery } from "#wire/cmcd.ts";
import type { Heard, TestControl } from "./player-servers.ts";
import {
  arrived,
  ends,
  eventually,
  notesOf,
  onStage,
  openTheatre,
  playsTo,
  speedUp,
  stateOf,
  type Theatre,
  videoSegments,
} from "./player-theatre.ts";

let theatre: Theatre;
let missing: string | undefined;
before(async () => {
  theatre = await openTheatre();
  missing = theatre.missing;
});
after(() => theatre.close());

const isMedia = ({ path }: Heard): boolean => /\.(m4s|mp4)$/.test(path);

/** In the order in which they came in, whoever was asked. */
function toldTo(appliances: readonly { readonly heard: readonly Heard[] }[]): readonly CmcdRequest[] {
  const heard = appliances.flatMap((one) => one.heard).toSorted((a, b) => a.atMs - b.atMs);
  for (const one of heard.filter((each) => !isMedia(each))) assert.equal(one.query, "", one.path);
  return heard.filter(isMedia).map(({ query, path }) => {
    const said = readCmcdQuery(query);
    assert.ok(said, `${path}?${query}`);
    const text = new URLSearchParams(query).get("CMCD") ?? "";
    const keys = text.split(",").map((field) => field.split("=")[0] ?? "");
    assert.deepEqual(keys, keys.toSorted(), text);
    const judged = validateCmcd(decodeCmcd(text), { version: 2 });
    assert.ok(judged.valid, `${text}: ${JSON.stringify(judged.issues)}`);
    return said;
  });
}

function eventsOf(control: TestControl): readonly CmcdEvent[] {
  return control.cmcd.flatMap(({ body, proof }) => {
    assert.equal(proof, "Bearer token");
    const judged = validateCmcdEvents(body);
    assert.ok(judged.valid, `${body}: ${JSON.stringify(judged.issues)}`);
    const reading = readCmcdLines(body);
    return reading.kind === "read" ? reading.events : assert.fail(`${reading.where}: ${reading.what}`);
  });
}

const roundedToHundreds = (value: number | undefined): boolean => value === undefined || value % 100 === 0;

function judgeRequests(requests: readonly CmcdRequest[], state: HookState): void {
  assert.ok(requests.length >= 18, `${requests.length} requests`);
  assert.deepEqual([...new Set(requests.map((one) => one.sid))], ["session-1"]);
  assert.deepEqual([...new Set(requests.map((one) => one.cid))], ["sample"]);
  // Two requests of one moment may reach a server in either order.
  const numbers = requests.map((one) => one.sn).toSorted((a, b) => a - b);
  assert.equal(new Set(numbers).size, numbers.length, "each number once");
  assert.equal(numbers[0], 0);
  for (const { bl, mtp, dl, rtp } of requests) {
    assert.ok([bl, mtp, dl, rtp].every(roundedToHundreds), JSON.stringify({ bl, mtp, dl, rtp }));
  }
  const bySn = requests.toSorted((a, b) => a.sn - b.sn);
  const begun = bySn.findIndex((one) => one.msd !== undefined);
  assert.ok(begun > 0, "the delay of the start is told");
  assert.ok(
    bySn.slice(0, begun).every((one) => one.su === true && one.sta === "s"),
    "urgent until the first frame",
  );
  assert.ok(Math.abs((bySn[begun]?.msd ?? 0) - state.startupMs) <= 1);
  assert.ok(
    bySn.slice(begun).some((one) => one.su === undefined && (one.dl ?? 0) > 0),
    "not urgent once it plays",
  );
  const starved = bySn.filter((one) => one.bs === true);
  assert.ok(starved.length > 0 && starved.length <= state.stalls, `${starved.length} of ${state.stalls}`);
  assert.ok(starved.every((one) => one.sn > (bySn[begun]?.sn ?? 0)));
  assert.ok(bySn.slice(begun).every((one) => one.mtp !== undefined));
  assert.ok(bySn.some((one) => (one.mtp ?? 0) >= 100));
  // Of the rules only the one called "default" paces.
  const paced = bySn.filter((one) => (one.rtp ?? 0) >= 100);
  assert.equal(
    paced.length > 0,
    defaultRule.name === "default",
    `${paced.length} of ${bySn.length} are paced`,
  );
}

function judgeEvents(control: TestControl): void {
  const events = eventsOf(control);
  const kinds = new Set(events.map((event) => event.e));
  assert.ok(kinds.has("ps") && kinds.has("rr"), [...kinds].join());
  const shown = events.filter((event) => event.e === "ps").map((event) => event.sta);
  assert.equal(shown[0], "s");
  for (const sta of ["p", "r", "e", "q"])
    assert.ok(
      shown.some((one) => one === sta),
      `${sta} in ${shown}`,
    );
  const served = events.filter((event) => event.e === "rr" && event.rc === 200);
  assert.ok(served.some((event) => event.url === "audio/1.m4s" && event.cdn === "north-a1"));
  assert.ok(served.every((event) => (event.ttfb ?? -1) >= 0 && (event.ttlb ?? 0) >= (event.ttfb ?? 0)));
  assert.doesNotMatch(JSON.stringify(control.cmcd), /secret|fresh/, "no address that opens a door");
  const sns = [...new Set(events.map((event) => event.sn))].toSorted((a, b) => a - b);
  assert.deepEqual(
    sns,
    sns.map((_, i) => i),
    "every event came",
  );
}

test("[WE30] [WE31] [PY157] a play with a stall, as told along with its requests and by events", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  let slow = false;
  const bytesPerSecond = () => (slow ? 200 : 300_000);
  const beforeFirst = (path: string): void => {
    if (/^v.*\/4\.m4s$/.test(path)) slow = true;
  };
  await onStage(
    theatre,
    { bytesPerSecond, beforeFirst },
    async ({ page, first, second, control, complaints }) => {
      await playsTo(page, 200);
      await page.waitForFunction(() => (window.__millrace?.state().stalls ?? 0) > 0);
      slow = false;
      await ends(page);
      const state = await stateOf(page);
      await page.goto("about:blank");
      await eventually("the last event", () => eventsOf(control).some((event) => event.sta === "q"));

      assert.ok(state);
      judgeRequests(toldTo([first, second]), state);
      judgeEvents(control);
      assert.deepEqual(complaints, []);
    },
  );
});

test("[WE30] what is told with a request makes no other file of it for the browser's cache", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  // As appliances send them: src/edge/nginx-config.ts.
  const headers = {
    "cache-control": "public, max-age=31536000, immutable",
    "no-vary-search": 'params=("CMCD")',
  };
  await onStage(theatre, { headers }, async ({ page, first }) => {
    await playsTo(page, 100);
    const address = `${first.url}/secret/v90-1/8.m4s?CMCD=sn%3D`;
    for (const number of [9001, 9002]) {
      await page.evaluate(async (url) => (await fetch(url)).arrayBuffer(), `${address}${number}`);
    }
    const asked = first.heard.map(({ query }) => query).filter((query) => /sn%3D900\d/.test(query));
    assert.deepEqual(asked, ["CMCD=sn%3D9001"]);
  });
});

test("[WE32] a server's highest rate caps the rung, and its duress is noted", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const headers = {
    "cmsd-dynamic": '"north-a1";mb=400;etp=2000;du',
    "access-control-expose-headers": "CMSD-Static, CMSD-Dynamic",
  };
  const play = async (more: {
    readonly headers?: Readonly<Record<string, string>>;
  }): Promise<readonly string[]> => {
    const paths: string[] = [];
    await onStage(theatre, { bytesPerSecond: 400_000, ...more }, async ({ page, first, control }) => {
      await playsTo(page, 500);
      await speedUp(page, 4);
      await arrived(page);
      paths.push(...first.asked.map(({ path }) => path));
      assert.ok(videoSegments(first).length > 0);
      if (more.headers === undefined) return;
      assert.match(await notesOf(page), /north-a1 says that it is under duress/);
      await page.goto("about:blank");
      await eventually("events", () => eventsOf(control).length > 0);
      assert.match(JSON.stringify(control.cmcd), /cmsdd=.*mb=400/, "what the server said is told");
    });
    return paths;
  };
  const free = await play({});
  assert.ok(
    free.some((path) => /^v270-1\/\d/.test(path)),
    "without the word the top is reached",
  );
  const capped = await play({ headers });
  assert.deepEqual(
    capped.filter((path) => /^v270-1\/\d/.test(path)),
    [],
  );
});
