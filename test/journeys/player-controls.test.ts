// The player's controls and its drawer in a real browser with a real film: by keyboard alone, and by pointer.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { seriousViolations } from "./pages-visit.ts";
import {
  allSegments,
  ends,
  onStage as onStageOf,
  openTheatre,
  playsTo,
  type Stage,
  type StageOrder,
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

const onStage = (order: StageOrder, act: (stage: Stage) => Promise<void>) => onStageOf(theatre, order, act);

/** Tab until that control has the focus. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: one } = document;
      const label = one instanceof HTMLInputElement ? one.labels?.[0]?.textContent : undefined;
      return one?.getAttribute("aria-label") ?? label ?? one?.textContent ?? "";
    });
    if (name.test(focused)) return;
  }
  assert.fail(`60 tabs did not lead to ${name}`);
}

const caption = (page: Page) => page.locator(".player > .pl-captions");
const because = (page: Page) => page.locator(".pl-because");

test("[WE80] [WE83] [WE85] [WE87] [WE174] by keyboard alone: subtitles styled, the drawer opened, a segment's decision read", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage({}, async ({ page, complaints }) => {
    await playsTo(page, 500);
    await page.keyboard.press("k");
    await page.keyboard.press("c");
    await caption(page)
      .getByText(/^Second \d+$/)
      .waitFor();
    await tabTo(page, /^Subtitles$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^How subtitles look$/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^White$/);
    await page.keyboard.press("ArrowRight");
    assert.equal(await caption(page).getAttribute("data-colour"), "yellow");
    assert.equal(await page.locator(".pl-sample").getAttribute("data-colour"), "yellow");
    assert.match(
      await page.evaluate(() => localStorage.getItem("millrace.captions") ?? ""),
      /"colour":"yellow"/,
    );
    await page.keyboard.press("Escape");
    await page.locator(".pl-menu-panel").waitFor({ state: "detached" });
    assert.match(
      await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? ""),
      /Subtitles/,
    );

    await page.keyboard.press("i");
    await tabTo(page, /^Segments over time/);
    const slider = page.getByRole("slider", { name: /^Segments over time/ });
    await page.keyboard.press("Home");
    assert.match(
      (await slider.getAttribute("aria-valuetext")) ?? "",
      /^Segment 1, 90p, 0\.0 s in the buffer$/,
    );
    assert.match(
      (await because(page).textContent()) ?? "",
      /no throughput measured yet → start at 90p|→ start at/,
    );
    await page.keyboard.press("ArrowRight");
    assert.match((await slider.getAttribute("aria-valuetext")) ?? "", /^Segment 2, /);
    assert.match((await because(page).textContent()) ?? "", /→ (stay at|up to|down to) \d+p/);
    const drawer = page.getByRole("complementary", { name: "Why am I seeing this?" });
    const told = (await drawer.textContent()) ?? "";
    for (const part of [
      /Ruledefault/,
      /Reservoir ends[\d.]+ s/,
      /270p.*MB.*kbit\/s94\.0/,
      /with half the buffer/,
    ])
      assert.match(told, part);
    assert.match(told, /203\.0\.113\.0\/24 is announced here.*longest prefix −2.*health −1/s);
    assert.match(told, /south-c1.*not held/);
    assert.deepEqual(await seriousViolations(page), []);
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await page.keyboard.press("k");
    await playsTo(page, 1500);
    await outOfThePage(page);
    assert.deepEqual(complaints, []);
  });
});

/** Into a window of its own and back, with subtitles; then as in a browser whose window shows the film's element alone. */
async function outOfThePage(page: Page): Promise<void> {
  const opening = page.context().waitForEvent("page");
  await page.keyboard.press("p");
  const pane = await opening;
  const lines = pane.locator(".pl-outside > .pl-captions[data-colour='yellow']");
  await lines.getByText(/^Second \d+$/).waitFor();
  assert.equal(await page.locator("video, .player > .pl-captions").count(), 0);
  await page.getByText("The film plays in a window of its own.").waitFor();
  const from = (await stateOf(page))?.positionMs ?? 0;
  await playsTo(page, from + 300);
  await pane.locator("video").click();
  await pane.waitForFunction(() => document.querySelector("video")?.paused === true);
  await pane.keyboard.press("k");
  await pane.waitForFunction(() => document.querySelector("video")?.paused === false);
  // The window goes with the key that closes it.
  const closed = pane.waitForEvent("close");
  pane.keyboard.press("p").catch(() => undefined);
  await closed;
  await page.locator("video").waitFor();
  await caption(page)
    .getByText(/^Second \d+$/)
    .waitFor();
  await playsTo(page, from + 600);
  const cues = await page.evaluate(() => {
    const video = document.querySelector("video");
    const told: string[] = [];
    for (const way of ["enter", "leave"]) {
      video?.dispatchEvent(new Event(`${way}pictureinpicture`));
      const track = [...(video?.textTracks ?? [])].find(({ label }) => label === "millrace");
      const [first] = track?.cues ?? [];
      told.push(`${track?.mode} ${first instanceof VTTCue ? first.text : "none"}`);
    }
    return told;
  });
  assert.deepEqual(cues, ["showing Second 0", "disabled none"]);
}

test("[WE86] [WE88] [WE89] another rule and a slower network while the film plays: no stall, nothing asked for twice", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage({}, async ({ page, first, second, complaints }) => {
    await playsTo(page, 500);
    await page.keyboard.press("k");
    await page.keyboard.press("i");
    await page.getByLabel("Rule", { exact: true }).selectOption("bba-2");
    await page.getByLabel("Network").selectOption("middling");
    await page.getByText(/^Simulated by this page/).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.keyboard.press("k");
    await ends(page);
    const state = await stateOf(page);
    assert.deepEqual([state?.stalls, state?.failed], [0, null]);
    assert.deepEqual([...videoSegments(first), ...videoSegments(second)], allSegments);
    await page.keyboard.press("i");
    await page.locator(".pl-facts").getByText("bba-2").waitFor();
    await page.getByText("f(B), the rate of that buffer").waitFor();

    await page.getByRole("button", { name: "Compare" }).click();
    const table = page.locator(".pl-beside table");
    await table.getByRole("row", { name: /^Mean VMAF \d+\.\d\d \d+\.\d\d$/ }).waitFor();
    assert.deepEqual(await table.locator("thead th").allTextContents(), ["Figure", "default", "bba-2"]);
    assert.equal(await page.locator(".pl-chart svg").count(), 2);
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Timeline as CSV" }).click();
    assert.equal((await saved).suggestedFilename(), "millrace-timeline.csv");
    assert.deepEqual(complaints, []);
  });
});

test("[WE81] [WE82] a rung chosen as the highest holds from the next segment on, and the speed is the viewer's", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage({}, async ({ page, complaints }) => {
    await playsTo(page, 300);
    await page.keyboard.press("k");
    await tabTo(page, /^Quality: /);
    await page.keyboard.press("Enter");
    await page.locator(".pl-words").getByText(/→ /).waitFor();
    await page.getByRole("radio", { name: /^Up to 180p 205 kbit\/s · VMAF 80\.0|^Up to 180p/ }).waitFor();
    await page.getByRole("radio", { name: /^Up to 90p/ }).check();
    await page.keyboard.press("Escape");
    const before = (await stateOf(page))?.segmentSources.length ?? 0;
    for (let step = 0; step < 4; step++) await page.keyboard.press(">");
    assert.equal(await page.evaluate(() => document.querySelector("video")?.playbackRate), 2);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("k");
    await ends(page);
    const state = await stateOf(page);
    assert.ok(before < allSegments.length, "there were segments left to decide");
    assert.match(state?.lastDecision ?? "", /90p/);
    assert.deepEqual(complaints, []);
  });
});

test("[WE84] [WE172] [WE173] the next episode is offered at the end; who stays is not taken there, and the key still leads on", async (t) => {
  if (missing !== undefined) return t.skip(missing);
  await onStage({}, async ({ page, control }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`${control.url}/?next`);
    await playsTo(page, 300);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.keyboard.press("9");
    const offer = page.getByRole("region", { name: "Next episode" });
    await offer.getByText(/^Begins in \d seconds?$/).waitFor();
    await offer.getByRole("button", { name: "Stay here" }).click();
    await ends(page);
    assert.equal(await page.getByText("the next one").count(), 0);
    await page.keyboard.press("5");
    await page.waitForFunction(() => (window.__millrace?.state().positionMs ?? 1e9) < 9000);
    await page.keyboard.press("9");
    await offer.waitFor();
    await page.keyboard.press("n");
    await page.getByText("the next one").waitFor();

    await page.goto(`${control.url}/?series`);
    const sheet = Promise.withResolvers<void>();
    await page.route("**/storyboard-1.jpg*", (route) => sheet.promise.then(() => route.continue()));
    await playsTo(page, 300);
    await page.keyboard.press("k");
    await page.getByLabel("Position in the film").hover();
    await page.locator(".pl-preview", { hasText: "0:08" }).waitFor();
    assert.equal(await page.locator(".pl-tile").count(), 0, "a sheet that is not there yet is not shown");
    sheet.resolve();
    await page.locator(".pl-tile").waitFor();

    await page.keyboard.press("f");
    await page.waitForFunction(() => document.fullscreenElement?.classList.contains("player"));
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "The second" }).waitFor();
    await page.keyboard.press("9");
    await playsTo(page, 14_000);
    await ends(page);
    assert.deepEqual(control.plays.at(-1), { titleId: "second", viewpoint: "north" });
    assert.ok(await page.evaluate(() => document.fullscreenElement?.classList.contains("player")));
  });
});
