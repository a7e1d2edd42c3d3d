// The player in a real browser: plays a film to its end although an appliance dies on the way, and says why.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import type { PlayAnswer, PlayBody } from "#wire/viewer.ts";
import { answerFor, type Mood } from "./player-servers.ts";
import {
  allSegments,
  ends,
  eventually,
  filmSeconds,
  notesOf,
  onStage as onStageOf,
  openTheatre,
  playsTo,
  type Stage,
  type StageOrder,
  stateOf,
  type Theatre,
  type Urls,
  videoSegments,
} from "./player-theatre.ts";

let theatre: Theatre;
let missing: string | undefined;
before(async () => {
  theatre = await openTheatre();
  missing = theatre.missing;
});
after(() => theatre.close());

const onStage = (order: StageOrder, act: (stage: Stage) => Promise<void>) => onStageOf(theatre, order, act);

/** The play answer for the film of these journeys. */
function answers(urls: Readonly<Record<string, string>>, secret?: string): PlayAnswer {
  assert.ok(theatre.film);
  return answerFor(theatre.film, urls, secret);
}

/** For people to look at, when a folder for pictures is named. */
async function picture(page: Page, name: string): Promise<void> {
  const pictures = process.env.MILLRACE_TEST_PICTURES;
  if (pictures === undefined) return;
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

test("[PY17] [PY19] [PY20] [PY141] a film plays to its end although its appliance dies half-way", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const beforeFirst = (path: string, appliance: { kill(): void }): void => {
    if (/^v.*\/4\.m4s$/.test(path)) appliance.kill();
  };
  await onStage({ beforeFirst }, async ({ page, first, second, control, complaints }) => {
    const opened = performance.now();
    await playsTo(page, 6500);
    await page.keyboard.press("i");
    const drawer = page.getByRole("complementary", { name: "Why am I seeing this?" });
    await drawer.waitFor();
    assert.match(
      (await drawer.locator(".pl-because").textContent()) ?? "",
      /→ (start at|stay at|up to|down to) \d+p/,
    );
    assert.match((await drawer.textContent()) ?? "", /north-a1: .* → set aside for 10 s/);
    await picture(page, "player-drawer");
    await ends(page);
    const earlier = await page.evaluate(() => localStorage.getItem("millrace.earlier-plays"));
    assert.match(earlier ?? "", /^\[\{"id":"[\d.]+","network":"\w+","kbps":\d+,"atMs":\d+\}\]$/);
    const state = await stateOf(page);
    assert.ok(state);
    assert.deepEqual(state.appliancesUsed, ["north-a1", "exchange-b1"]);
    assert.equal(state.phase, "playing");
    assert.ok(state.startupMs > 0 && state.startupMs < performance.now() - opened, `${state.startupMs}`);
    assert.ok(Math.abs(state.positionMs - filmSeconds * 1000) < 500, `${state.positionMs}`);
    const played = Object.values(state.playedMs).reduce((sum, ms) => sum + ms, 0);
    assert.ok(played > filmSeconds * 1000 * 0.7, `${played} ms were played`);
    const fetched = [...videoSegments(first), ...videoSegments(second)];
    assert.deepEqual(fetched, allSegments, "each segment is fetched once, whatever the rung");
    assert.deepEqual(complaints, []);
    const { beacons } = control;
    await eventually("the last beacon", () => beacons.at(-1)?.state === "ended");
    assert.deepEqual(
      beacons.map((beacon) => beacon.seq),
      beacons.map((_, i) => i + 1),
    );
    assert.ok(beacons.some((beacon) => beacon.state === "playing" && beacon.because.includes("→")));
    const last = beacons.at(-1);
    assert.deepEqual([last?.codec, last?.rule], ["h264", "default"]);
  });
});

test("[PY16] [PY19] [PY24] it resumes where the viewer was, leaves a broken copy and follows a new steering", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const spoilt = "v90-1/5.m4s";
  await onStage({ resumeMs: 9000, spoilt }, async ({ page, first, second, control, complaints }) => {
    await picture(page, "player-resume");
    await page.getByRole("button", { name: "Resume at 0:09" }).click();
    await playsTo(page, 9500);
    // It stands still while it is looked at, however long that takes.
    await page.keyboard.press("k");
    const broken = (await stateOf(page))?.notes.find((note) => note.includes("where the title's index says"));
    assert.match(broken ?? "", /^north-a1: announces \d+ bytes .* → set aside for v90-1\/5\.m4s for 10 s$/);
    // How much of it left before the player hung up is chance.
    const asked = first.asked.filter(({ path }) => path === spoilt);
    assert.equal(asked.length, 1, "not asked for there again");

    const bar = await page.getByLabel("Position in the film").boundingBox();
    assert.ok(bar);
    await page.mouse.move(bar.x + bar.width * 0.8, bar.y + bar.height / 2);
    assert.equal(await page.locator(".pl-preview").textContent(), "0:12");
    const sheet = await page
      .locator(".pl-tile")
      .evaluate((tile) => getComputedStyle(tile).backgroundPosition);
    assert.equal(sheet, "-320px -90px", "the picture of 12 s is the third of the second row");
    await picture(page, "player-controls");

    await page.keyboard.press("i");
    await page.getByLabel("I sit in").selectOption("south");
    await page.waitForFunction(() =>
      window.__millrace?.state().notes.some((note) => note.startsWith("steering ranks exchange-b1 first")),
    );
    assert.deepEqual(control.plays.at(-1), { titleId: "sample", viewpoint: "south", sessionId: "session-1" });

    await page.getByLabel("Position in the film").focus();
    const before = await stateOf(page);
    assert.ok(before);
    for (let at = before.positionMs; at > 1500; at -= 5000) await page.keyboard.press("ArrowLeft");
    await page.waitForFunction(() => (window.__millrace?.state().positionMs ?? 9999) < 2000);
    await page.keyboard.press("k");
    await playsTo(page, 2000);
    assert.equal((await stateOf(page))?.stalls, before.stalls, "the wait after a seek is no stall");
    await ends(page);
    const fetched = videoSegments(second);
    // Shaka empties its buffer on a seek outside of it: from there on the film is fetched anew, each segment once.
    assert.deepEqual(fetched.slice(fetched.lastIndexOf(1)), allSegments);
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    assert.equal(await page.getByText("left").count(), 0, "Escape closes the drawer first");
    await page.keyboard.press("Escape");
    await page.getByText("left").waitFor();
    await eventually("the last beacon", () => control.beacons.at(-1)?.state === "closed");
    assert.deepEqual(complaints, []);
  });
});

test("[PY16] when nobody answers it says so in words, and tries again when asked", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage(
    { beforeFirst: (_, appliance) => appliance.kill(), dead: true },
    async ({ page, control }) => {
      await page.getByRole("alert").waitFor();
      assert.match(
        (await page.getByRole("alert").textContent()) ?? "",
        /No appliance could send the title's index/,
      );
      await picture(page, "player-trouble");
      assert.equal(control.plays.length, 1);
      await page.getByRole("button", { name: "Try again" }).click();
      await eventually("another play request", () => control.plays.length === 2);
      await page.getByRole("alert").waitFor();
    },
  );
});

test("[PY16] [PY28] an appliance that takes every request and says nothing is left within its deadline", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const asked: string[] = [];
  let askedBefore: readonly string[] | undefined;
  const firstMood = (url: string): Mood => {
    asked.push(url);
    return "silent";
  };
  const secondMood = (url: string): Mood => {
    if (/\/v.*\/1\.m4s$/.test(url)) askedBefore ??= [...asked];
    return "serves";
  };
  await onStage({ firstMood, secondMood }, async ({ page, complaints }) => {
    await playsTo(page, 2500);
    const state = await stateOf(page);
    assert.ok(state);
    assert.match(await notesOf(page), /north-a1: no answer within 2\.0 s → set aside for 10 s/);
    // Each silence costs up to its deadline: the viewer waits for one of the index and one of the manifest, no more.
    assert.deepEqual(askedBefore, ["/secret/sidecar.json", "/secret/manifest.mpd"]);
    assert.deepEqual(state.appliancesUsed, ["exchange-b1"]);
    assert.deepEqual(complaints, []);
  });
});

test("[PY16] an appliance whose name is no longer known is left at once, and the other serves the film", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const answer = (_: PlayBody, { second }: Urls): PlayAnswer =>
    answers({ "north-a1": "http://north-a1.millrace.invalid:8080", "exchange-b1": second });
  await onStage({ answer }, async ({ page, second, complaints }) => {
    await playsTo(page, 2500);
    const state = await stateOf(page);
    assert.ok(state);
    assert.match(await notesOf(page), /north-a1: cannot be reached → set aside for 10 s/);
    assert.deepEqual([state.appliancesUsed, state.stalls, state.failed], [["exchange-b1"], 0, null]);
    assert.ok(videoSegments(second).includes(1));
    assert.deepEqual(complaints, []);
  });
});

test("[PY26] an appliance that lacks one rendition goes on serving the others", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const lacks = (url: string): Mood => (url.includes("/v90-1/") ? 404 : "serves");
  await onStage({ firstMood: lacks }, async ({ page, first }) => {
    await playsTo(page, 4500);
    const notes = await notesOf(page);
    assert.match(notes, /north-a1: answered HTTP 404 for v90-1 → set aside for it for 10 s/);
    assert.doesNotMatch(notes, /→ set aside for \d+ s$/m);
    assert.ok(first.asked.some((asked) => asked.whole && /^audio\/\d+\.m4s$/.test(asked.path)));
  });
});

test("[PA19] sound that has not the size that the title's index says comes from another appliance", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage({ spoilt: "audio/2.m4s" }, async ({ page, second, complaints }) => {
    await playsTo(page, 4500);
    assert.match(
      await notesOf(page),
      /north-a1: announces \d+ bytes where the title's index says \d+ → set aside for audio\/2\.m4s/,
    );
    assert.ok(second.asked.some((asked) => asked.whole && asked.path === "audio/2.m4s"));
    assert.equal((await stateOf(page))?.failed, null);
    assert.deepEqual(complaints, []);
  });
});

test("[PY27] signatures that run out are renewed within the same session, before and after their end", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  let over = false;
  const signed = (url: string): Mood => {
    over ||= /\/secret\/v.*\/3\.m4s$/.test(url);
    return over && url.startsWith("/secret/") ? 403 : "serves";
  };
  const answer = (wish: PlayBody, { first, second }: Urls): PlayAnswer => {
    const secret = wish.sessionId === undefined ? "secret" : "fresh";
    const answered = answers({ "north-a1": first, "exchange-b1": second }, secret);
    return { ...answered, sessionToken: secret, sessionEndsAtMs: Date.now() + 60_000 };
  };
  await onStage({ firstMood: signed, secondMood: signed, answer }, async ({ page, control, complaints }) => {
    await ends(page);
    assert.ok(over, "the first signatures did run out");
    const sessions = control.plays.map((wish) => wish.sessionId);
    assert.ok(
      sessions.length >= 3,
      `asked ${sessions.length} times: at the start, after the end, before the next`,
    );
    assert.deepEqual(new Set(sessions), new Set([undefined, "session-1"]));
    const numbers = control.beacons.map((beacon) => beacon.seq);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i + 1),
    );
    assert.deepEqual(new Set(control.tokens), new Set(["secret", "fresh"]));
    assert.deepEqual(complaints, []);
  });
});

test("[PY15] a viewer who moves is served by what only the new place reaches", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  const answer = (wish: PlayBody, { first, second }: Urls): PlayAnswer =>
    wish.viewpoint === "south"
      ? answers({ "south-c1": second, "north-a1": first })
      : answers({ "north-a1": first });
  await onStage({ answer }, async ({ page, control }) => {
    await playsTo(page, 500);
    await page.keyboard.press("i");
    await page.getByLabel("I sit in").selectOption("south");
    await page.locator(".pl-ranked li b").getByText("south-c1").first().waitFor();
    await page.waitForFunction(() => window.__millrace?.state().appliancesUsed.includes("south-c1"));
    assert.match(await notesOf(page), /steering ranks south-c1 first now/);
    assert.equal(control.plays.at(-1)?.sessionId, "session-1", "it is the same session");
  });
});
