// A real control plane behind the built pages, with an appliance that does as it is told and a viewer whom it serves.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { film, openScreenRig, type ScreenRig } from "#test/fixtures/screen-rig.ts";
import { cookiesOf, knownPasswordHash } from "#test/fixtures/signed-in.ts";
import { goodReport, smallTitleFiles } from "#test/fixtures/small-network.ts";
import { reportAnswer } from "#wire/appliance.ts";
import { client } from "./control-client.ts";
import { type Built, waitMs } from "./pages-visit.ts";

export interface DrillStage {
  readonly rig: ScreenRig;
  /** Of an operator who is signed in. */
  readonly page: Page;
  /** Whether a1 was told to be dead. */
  isDown(): boolean;
  /** Both appliances of the site say how they are. */
  report(): Promise<void>;
  /** What the viewer's player says. */
  beat(seq: number, applianceId: string, stallCount: number): Promise<void>;
}

export async function openDrillStage(t: TestContext, { folder, browser }: Built): Promise<DrillStage> {
  assert.ok(browser !== undefined);
  const rig = await openScreenRig(t, { experimentPollMs: 50 }, undefined, { pagesFolder: folder });
  const appliances = reporting(rig.control.url);
  await appliances.report();
  const viewer = await rig.device(await rig.account("ada@example.org"));
  const play = await viewer.play(film, "in-a");
  const beat = async (seq: number, applianceId: string, stallCount: number): Promise<void> => {
    const events = [viewer.beacon(play, seq, { applianceId, stallCount })];
    const said = await viewer.post("/v1/telemetry", { sessionToken: play.sessionToken, events });
    assert.equal(said.status, 204);
  };
  await beat(1, "a1", 0);
  return { rig, page: await signedIn(t, browser, rig), beat, ...appliances };
}

function reporting(url: string): Pick<DrillStage, "isDown" | "report"> {
  const headers = { authorization: `Bearer ${"a".repeat(32)}` };
  const files = smallTitleFiles(film);
  let epoch = 0;
  let isDown = false;
  const say = (id: string, at: string, more: object) =>
    client(url).post(`/v1/appliances/${id}/report`, { ...goodReport(at, files, epoch), ...more }, headers);
  return {
    isDown: () => isDown,
    report: async () => {
      await say("a2", "http://127.0.1.12:8181", {});
      const down = { nginx: "down", trouble: "a drill killed it" };
      const said = await say("a1", "http://127.0.1.11:8181", isDown ? down : {});
      const { desired } = reportAnswer.parse(said.body);
      if (desired === null) return;
      epoch = desired.epoch;
      isDown = desired.killed !== undefined;
    },
  };
}

async function signedIn(
  t: TestContext,
  browser: NonNullable<Built["browser"]>,
  { control, stores }: ScreenRig,
): Promise<Page> {
  const email = "operator@example.org";
  const passwordHash = await knownPasswordHash();
  await stores.accounts.create({ email, passwordHash, role: "operator", profileName: "Op" });
  const cookies = (await cookiesOf(control.url, email)).map((cookie) => ({ ...cookie, url: control.url }));
  await browser.context.addCookies(cookies);
  const page = await browser.context.newPage();
  page.setDefaultTimeout(waitMs);
  t.after(() => page.close());
  return page;
}
