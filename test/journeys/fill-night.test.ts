import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { client } from "./control-client.ts";
import { viewer } from "./control-plane.ts";
import { missing, until } from "./edge-rig.ts";
import { type Fetch, type Installation, openInstallation } from "./fill-night-rig.ts";

const first = ["a1", "a2", "x1"];
const all = [...first, "a3"];
const titles = 12;

/** nginx writes its log at least once a second. */
const logMs = 1100;

async function isFull(here: Installation, what: string): Promise<void> {
  await until(what, () => {
    const boxes = here.reports();
    return boxes.every((box) => box.report?.fill.queued === 0) && here.missing().length === 0;
  }).catch((cause) => {
    const boxes = here.reports().map(({ id, health, tonight, report }) => ({ id, health, tonight, report }));
    const words = `${JSON.stringify(here.missing())} ${JSON.stringify(boxes)}`;
    throw new Error(`${what}: ${words}`, { cause });
  });
}

/** Every appliance has been told, and says so. */
async function hoursAre(here: Installation, hours: "day" | "night"): Promise<number> {
  const isOpen = hours === "night";
  await until(`it is ${hours}`, () =>
    here.reports().every((box) => box.report?.fill.window?.isOpen === isOpen),
  );
  return Date.now();
}

/** Distinct appliances of each site that brought a file in from elsewhere: by "site file". */
function broughtIn(fetches: readonly Fetch[]): Map<string, Fetch[]> {
  const found = new Map<string, Fetch[]>();
  const outside = fetches.filter(({ by, from, bytes }) => bytes > 0 && siteOf(by) !== siteOf(from));
  for (const fetch of outside) {
    const key = `${siteOf(fetch.by)} ${fetch.key}`;
    found.set(key, [...(found.get(key) ?? []), fetch]);
  }
  return found;
}

const siteOf = (id: string): string => id.slice(0, 1);

test("[CO58] a night after popularity shifted: one copy into each site, through a killed agent and one that joins", {
  skip: missing,
}, async (t) => {
  const here = await openInstallation(t, { titles, ids: first, spare: ["a3"] });
  const { control } = here.plane;
  const agents = new Map(first.map((id) => [id, here.start(id)]));
  await hoursAre(here, "day");
  await rest(logMs);
  assert.deepEqual(here.fetches(), [], "nothing is fetched by day");

  const opened = Date.now();
  here.move(first, "night");
  await isFull(here, "the first night");
  here.move(first, "day");
  await hoursAre(here, "day");
  await rest(logMs);
  const firstNight = here.fetches();
  assert.ok(firstNight.length > 0 && firstNight.every(({ atMs }) => atMs > opened));
  for (const [key, fetches] of broughtIn(firstNight)) {
    assert.equal(fetches.length, 1, `${key}: ${JSON.stringify(fetches)}`);
  }

  const ada = client(control.url);
  await ada.signIn(viewer.email, viewer.password);
  for (const id of rarest(here, 3)) for (let plays = 0; plays < 25; plays++) await ada.play(id);
  const before = control.placement()?.epoch ?? 0;
  const replanned = await control.replan();
  assert.ok(replanned.kind === "planned" && replanned.changed && replanned.inForce.epoch > before);
  const shifted = here.missing();
  assert.ok(shifted.length > 0, "the plan asks for something new");
  await rest(logMs);
  assert.deepEqual(here.fetches(opened).length, firstNight.length, "by day the new plan waits");

  const night = Date.now();
  here.move(first, "night");
  const victim = await until("a file half fetched", () => first.find((id) => partialOf(here, id) > 20_000));
  agents.get(victim)?.child.kill("SIGKILL");
  await agents.get(victim)?.ended();
  const half = partialOf(here, victim);
  const killedAt = Date.now();
  here.start(victim);
  await isFull(here, "the second night");

  here.move(all, "night");
  assert.equal((await control.replan()).kind, "planned");
  assert.ok(
    here.missing().some((words) => words.startsWith("a3")),
    "the one that joins is to hold something",
  );
  here.start("a3");
  await isFull(here, "the one that joined");
  here.move(all, "day");
  await hoursAre(here, "day");
  await rest(logMs);

  assert.deepEqual(here.missing(), []);
  const second = here.fetches(night);
  const resumed = second.filter(({ by, atMs, range }) => by === victim && atMs > killedAt && range !== "");
  assert.ok(half > 0 && resumed.length > 0, `${half} bytes were there, and nothing went on from them`);
  assert.ok(resumed.every(({ status, range }) => status === 206 && range !== "bytes=0-"));
  const failed = new Set(resumed.map(({ key }) => key));
  for (const [key, fetches] of broughtIn(second)) {
    const whole = fetches.filter((fetch) => !failed.has(fetch.key));
    assert.ok(whole.length <= 1, `${key}: ${JSON.stringify(fetches)}`);
  }
});

/** Titles of which the plan has the fewest copies: when viewers want these, it has to change. */
function rarest(here: Installation, most: number): string[] {
  const copies = new Map<string, number>();
  for (const { fileId, serverIds } of here.plane.control.placement()?.plan.assignment ?? []) {
    const title = fileId.slice(0, fileId.indexOf("/"));
    copies.set(title, (copies.get(title) ?? 0) + serverIds.length);
  }
  return [...copies]
    .sort(([, a], [, b]) => a - b)
    .map(([title]) => title)
    .slice(0, most);
}

/** Bytes of the longest half-fetched file. */
function partialOf(here: Installation, id: string): number {
  const incoming = join(here.folder, id, "incoming");
  const names = existsSync(incoming) ? readdirSync(incoming) : [];
  const sizes = names.map((name) => statSync(join(incoming, name), { throwIfNoEntry: false })?.size ?? 0);
  return Math.max(0, ...sizes.filter((size) => size < 180_000));
}
