// `millrace start` as a person runs it: the whole river, again, and through kills and rot. One home, in order.
import assert from "node:assert/strict";
import { existsSync, openSync, readSync, writeSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { z } from "zod";
import { sha256Of } from "#io/files.ts";
import { encodeReport } from "#wire/encode-report.ts";
import { type PlayAnswer, resumePoint, steeringCard } from "#wire/viewer.ts";
import { type Client, client } from "./control-client.ts";
import {
  type Home,
  killHard,
  missing,
  openHome,
  type Run,
  telling,
  tinyFilm,
  tools,
  until,
} from "./start-rig.ts";

const skip = missing;
const { signal } = new AbortController();
let home: Home;
let film = "";

before(async () => {
  home = await openHome();
  if (missing === false) film = await tinyFilm(home.path("a-tiny-film.mp4"));
});

after(() => home.close());

/** What the milestone promises of out/start.json. */
const startJson = z.object({
  titles: z
    .array(
      z.object({
        id: z.string(),
        shots: z.number().int().min(3),
        bitsSavedPercent: z.number().nullable(),
        ladder: encodeReport.shape.ladder.min(2),
      }),
    )
    .length(1),
  placement: z.object({ cutoff: z.number(), assignment: z.array(z.unknown()).min(1) }),
  fill: z.object({ filesVerified: z.number().int().min(1), bytes: z.number().int().min(1) }),
  steering: z.record(z.string(), steeringCard.extend({ ranked: steeringCard.shape.ranked.min(2) })),
  playback: z.object({
    startupMs: z.number().positive(),
    stalls: z.number().int().min(0),
    stallSeconds: z.number().min(0),
    switches: z.number().int().min(0),
    meanHeight: z.number().positive(),
    appliancesUsed: z.array(z.string()).min(2),
    survivedKill: z.literal(true),
  }),
});

const river = [
  ...["database", "ingest", "shots", "trial encodes", "hulls", "rungs", "package"],
  ...["placement", "fill", "steering", "ready"],
];

const noBrowser = skip || (tools.chromium === undefined && "needs chromium");

test(
  "[BI1] --once plays the film through, one appliance killed on the way, and writes what it found",
  { skip: noBrowser },
  () =>
    telling(home, async () => {
      const out = home.path("found/start.json");
      const run = home.start([film, "--once", "--out", out]);
      assert.equal(await run.over(400_000), 0);
      await home.isQuiet();
      const found = startJson.parse(JSON.parse(await readFile(out, "utf8")));
      const [title] = found.titles;
      assert.ok(title?.id.startsWith("a-tiny-film-"));
      assert.deepEqual(Object.keys(found.steering).sort(), ["elsewhere", "isp-a", "isp-b"]);
      const boxes = home.appliances().map(({ id }) => id);
      for (const id of found.playback.appliancesUsed) assert.ok([...boxes, "origin"].includes(id), id);
      const onDisk = await appliancesFiles();
      assert.equal(
        found.fill.bytes,
        (await Promise.all(onDisk.map(sizeOf))).reduce((sum, size) => sum + size, 0),
      );
      await everyFileIsThePackagedOne(onDisk);
    }),
);

test("[BI1] a film that was fetched whole before the kill is played again without the box", {
  skip: noBrowser,
}, async () => {
  const own = await openHome();
  try {
    await telling(own, async () => {
      // A single segment: whatever the pace of this machine, it was fetched before a second of it was played.
      const short = await tinyFilm(own.path("a-short-film.mp4"), 0.5);
      const out = own.path("found/start.json");
      const run = own.start([short, "--once", "--out", out]);
      assert.equal(await run.over(400_000), 0);
      assert.match(run.said(), /playing once more without it/);
      const { playback } = JSON.parse(await readFile(out, "utf8"));
      assert.equal(playback.playedAgain, true);
      assert.equal(playback.survivedKill, true);
      assert.ok(playback.segmentsAfterKill >= 1);
      await own.isQuiet();
    });
  } finally {
    await own.close();
  }
});

test(
  "[BI2] a second start does nothing twice, and Ctrl-C ends it all, a killed appliance too",
  { skip },
  () =>
    telling(home, async () => {
      const first = home.start([film]);
      await first.until(/sign in with/);
      const stages = [...first.said().matchAll(/^\[ *\d+\/11\] (\w+(?: \w+)?) .*✓$/gm)].map(
        ([, name]) => name,
      );
      assert.deepEqual(stages, river, "one line per stage, each with what it found");
      assert.equal(await first.end("SIGINT"), 0);
      await home.isQuiet();

      const before = await workDone();
      assert.ok(before.filter((line) => line.includes("/trials/")).length >= 9);
      const again = home.start([film]);
      await again.until(/sign in with/);
      for (const words of [/published before as a-tiny-film-/, /all done before/, /everything was on disk/]) {
        assert.match(again.said(), words);
      }
      assert.deepEqual(await workDone(), before);
      killHard((await home.agentOf("flash-b1")) ?? 0);
      await again.until(/appliance flash-b1 ended \(SIGKILL\) and is started again/);
      assert.equal(await again.end("SIGINT"), 0);
      await home.isQuiet();
    }),
);

test("[BI2] Ctrl-C while the browser plays ends browser and river, in order", { skip: noBrowser }, () =>
  telling(home, async () => {
    const out = home.path("found/stopped.json");
    const run = home.start([film, "--once", "--out", out]);
    await run.until(/killed \S+ at/);
    assert.equal(await run.end("SIGINT"), 130);
    await home.isQuiet();
    assert.match(run.said(), /stopping …/);
    assert.equal(existsSync(out), false);
  }),
);

test(
  "[BI4] agent and start killed in the fill: the next start completes it, nothing is corrupt",
  { skip },
  () =>
    telling(home, async () => {
      await rm(home.path("appliances"), { recursive: true, force: true });
      const slow = home.start([film], { MILLRACE_EDGE_FILL_BPS: "1500000" });
      await slow.until(/placement .*✓/);
      const held = (
        await until("files", 120_000, async () => {
          const files = await appliancesFiles();
          return files.length >= 4 ? files : undefined;
        })
      ).length;
      const victim = (await home.agentOf("storage-x1")) ?? 0;
      killHard(victim);
      await slow.until(/appliance storage-x1 ended \(SIGKILL\) and is started again/);
      await until("another agent", 60_000, async () => {
        const pid = await home.agentOf("storage-x1");
        return pid !== undefined && pid !== victim ? pid : undefined;
      });
      assert.doesNotMatch(slow.said(), /files verified/, "the fill was over too soon to kill anything in it");
      assert.equal(await slow.end("SIGKILL"), "SIGKILL");

      // At once: agents of the killed start may still hold their disks.
      const next = home.start([film]);
      const [, verified = "", wanted] = await next.until(/ (\d+)\/(\d+) files verified/);
      assert.equal(verified, wanted);
      const files = await appliancesFiles();
      assert.ok(files.length > held);
      await everyFileIsThePackagedOne(files);
      await next.until(/sign in with/);
      assert.equal(await next.end("SIGINT"), 0);
      await home.isQuiet();
    }),
);

test("[BI7] a segment that rotted while all was stopped is refetched before it is advertised", { skip }, () =>
  telling(home, async () => {
    await filled();
    const root = home.path("appliances/flash-a1/v");
    const files = await filesUnder(root);
    const sizes = await Promise.all(files.map(sizeOf));
    const rotten = files[sizes.indexOf(Math.max(...sizes))] ?? "";
    const [titleId = "", rendition = ""] = relative(root, rotten).split("/");
    spoil(rotten);
    // So slow that it takes ten seconds to come again: time enough to see the appliance without it.
    const slow = Math.ceil((Math.max(...sizes) * 8) / 10);
    const run = home.start([film], { MILLRACE_EDGE_FILL_BPS: `${slow}` });
    await run.until(/placement .*✓/);
    const viewer = await signedIn(await keptAccount());
    let withoutIt = 0;
    await until("the rendition on flash-a1", 120_000, async () => {
      const play = await viewer.play(titleId, "isp-a");
      if (!offers(play, rendition, "flash-a1")) {
        withoutIt += Object.keys(play.sources).some((other) => offers(play, other, "flash-a1")) ? 1 : 0;
        return undefined;
      }
      assert.equal(await sha256Of(rotten, signal), await sha256Of(packaged(rotten), signal));
      return play;
    });
    assert.ok(withoutIt > 0, "the appliance was never seen without the rotten rendition");
    assert.match(
      await readFile(home.path("appliances/flash-a1/agent.log"), "utf8"),
      /a corrupt file was set aside/,
    );
    await run.until(/sign in with/);
    assert.equal(await run.end("SIGINT"), 0);
  }),
);

test(
  "[BI8] the shown account plays, an altered path is 403, the resume point outlives a restart",
  { skip },
  () =>
    telling(home, async () => {
      const first = home.start([film]);
      const viewer = await signedIn(await shownAccount(first));
      const titleId = (await readdir(home.path("origin/v")))[0] ?? "";
      const play = await viewer.play(titleId, "isp-b");
      const [manifest] = play.manifests;
      assert.equal(manifest?.sourceId, "flash-b1");
      const master = await get(manifest?.hls ?? "");
      assert.equal(master.status, 200);
      assert.match(await master.text(), /^#EXTM3U/);
      const rendition = Object.keys(play.sources).find((id) => id.startsWith("v")) ?? "";
      const [source] = play.sources[rendition] ?? [];
      const [name = ""] = (await readdir(home.path("origin/v", titleId, rendition))).filter((file) =>
        /m4s$/.test(file),
      );
      const address = `${source?.baseUrl}${name}`;
      const segment = await get(address);
      assert.equal(segment.status, 200, address);
      assert.ok((await segment.arrayBuffer()).byteLength > 100);
      const altered = address.replace(
        /\/k\w+\.(.)/,
        (whole, sign: string) => whole.slice(0, -1) + (sign === "A" ? "B" : "A"),
      );
      assert.notEqual(altered, address);
      assert.equal((await get(altered)).status, 403);

      const events = [
        viewer.beacon(play, 1, { state: "paused", positionMs: 5000, applianceId: source?.sourceId }),
      ];
      assert.equal(
        (await viewer.post("/v1/telemetry", { sessionToken: play.sessionToken, events })).status,
        204,
      );
      await resumesAt(viewer, titleId, 5000);
      assert.equal(await first.end("SIGINT"), 0);
      const second = home.start([film]);
      const back = await signedIn(await shownAccount(second));
      await resumesAt(back, titleId, 5000);
      assert.equal(await second.end("SIGINT"), 0);
      await home.isQuiet();
    }),
);

/** Makes sure that every appliance holds its share, and that nothing runs. */
async function filled(): Promise<void> {
  const run = home.start([film]);
  await run.until(/sign in with/);
  await run.end("SIGINT");
  await home.isQuiet();
}

interface Account {
  readonly email: string;
  readonly password: string;
}

async function shownAccount(run: Run): Promise<Account> {
  const [, email = "", password = ""] = await run.until(/sign in with {2}(\S+) {2}password {2}(\S+)/);
  return { email, password };
}

/** The account of the start before: known before this one is ready. */
async function keptAccount(): Promise<Account> {
  const [, email = "", password = ""] = /sign in with {2}(\S+) {2}password {2}(\S+)/.exec(home.said()) ?? [];
  return { email, password };
}

async function signedIn({ email, password }: Account): Promise<Client> {
  const viewer = client(home.url);
  assert.equal((await viewer.signIn(email, password)).status, 200);
  return viewer;
}

function offers(play: PlayAnswer, rendition: string, sourceId: string): boolean {
  return (play.sources[rendition] ?? []).some((source) => source.sourceId === sourceId);
}

/** Beacons are folded a moment after they were taken. */
async function resumesAt(viewer: Client, titleId: string, positionMs: number): Promise<void> {
  await until(`the resume point at ${positionMs} ms`, 60_000, async () => {
    const kept = resumePoint.safeParse((await viewer.get(`/v1/resume/${titleId}`)).body);
    return kept.success && kept.data.positionMs === positionMs ? true : undefined;
  });
}

function get(address: string): Promise<Response> {
  return fetch(address, { signal: AbortSignal.timeout(60_000) });
}

/** Everything that was encoded, packaged and fetched, with when it was written. */
async function workDone(): Promise<readonly string[]> {
  const boxes = home.appliances().map(({ id }) => home.path("appliances", id, "v"));
  const folders = [home.path("work"), home.path("origin/v"), ...boxes];
  const paths = (await Promise.all(folders.map(filesUnder))).flat().sort();
  return Promise.all(paths.map(async (path) => `${path} ${(await stat(path)).mtimeMs}`));
}

/** Every file that nginx of an appliance may serve. */
async function appliancesFiles(): Promise<readonly string[]> {
  const found = await Promise.all(
    home.appliances().map(({ id }) => filesUnder(home.path("appliances", id, "v"))),
  );
  return found.flat();
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size;
}

/** The same file in the origin store. */
function packaged(path: string): string {
  return home.path("origin", relative(home.path("appliances"), path).split("/").slice(1).join("/"));
}

async function everyFileIsThePackagedOne(files: readonly string[]): Promise<void> {
  assert.ok(files.length > 0);
  for (const path of files) {
    assert.equal(await sha256Of(path, signal), await sha256Of(packaged(path), signal), path);
  }
}

/** Turns one byte in the middle over: size and date say nothing. */
function spoil(path: string): void {
  const file = openSync(path, "r+");
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, 200);
  writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 0xff]), 0, 1, 200);
}
