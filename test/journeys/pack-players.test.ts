// What the packager publishes, played in a real browser by the three players that most of the world uses. Every check is also
// shown a package that was damaged on purpose, and must find the damage.
import assert from "node:assert/strict";
import { access, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { removeTree } from "#io/files.ts";
import { frameRate } from "#test/fixtures/players/marks.ts";
import { why } from "./encode-run.ts";
import { lateInPlaylist, later, missing, saying, shortened, spoiling } from "./pack-players-damage.ts";
import { ms } from "./pack-players-judge.ts";
import { makePackage, type Package } from "./pack-players-package.ts";
import type { Damage } from "./pack-players-server.ts";
import {
  dash,
  hls,
  inStep,
  inStepFromStart,
  openTheatre,
  playsRung,
  type Show,
  type Showing,
  seeksRight,
  seeksWhileFetching,
  shakaDash,
  shakaHls,
  showsTiles,
  switchesEverywhere,
  type Theatre,
  unsupported,
} from "./pack-players-theatre.ts";

const browserPath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
const stop = new AbortController();
const options = { timeout: 120_000 };
/** A film is encoded in these, and then shown by every player. */
const codecOptions = { timeout: 600_000 };
const patienceMs = 20_000;
/** For what never comes. */
const shortPatienceMs = 4000;

const showings = [shakaDash, shakaHls, hls, dash];

/** For one film: drawn, encoded and packaged. */
function deadline(): AbortSignal {
  return AbortSignal.any([stop.signal, AbortSignal.timeout(280_000)]);
}

let folder = "";
let skip: string | undefined;
let film: Package;
let theatre: Theatre;

before(async () => {
  const browserThere = await access(browserPath).then(
    () => true,
    () => false,
  );
  skip = why || (browserThere ? undefined : `${browserPath} is missing`);
  if (skip !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-players-"));
  // Kept at once, so that the browser is closed whatever becomes of the film.
  theatre = await openTheatre(browserPath);
  const made = await makePackage(folder, "h264", "long", deadline());
  if (made.kind === "left-out") throw new Error(`H.264 must be offered: ${made.why}`);
  film = made.made;
  const types = await unsupported(theatre.page, film.types);
  if (types.length > 0) skip = `the browser does not play ${types.join(", ")}`;
});

after(async () => {
  stop.abort();
  await theatre?.close();
  if (folder !== "") await removeTree(folder);
});

function on(showing: Showing): Show {
  return { ...showing, film, url: theatre.server.offer("film", film.folder), patienceMs };
}

let spoilt = 0;

/** The same film, damaged on its way. */
function damaged(showing: Showing, damage: Damage): Show {
  spoilt += 1;
  const url = theatre.server.offer(`spoilt-${spoilt}`, film.folder, damage);
  return { ...showing, film, url, patienceMs };
}

/** Damaged so that something never comes, which is not waited for long. */
function lacking(showing: Showing, damage: Damage): Show {
  return { ...damaged(showing, damage), patienceMs: shortPatienceMs };
}

const named = ({ player, manifest }: Showing): string => `${player} ${manifest.slice(0, 4).replace("/", "")}`;

function step(t: TestContext, when: string, drifts: readonly number[]): void {
  t.diagnostic(`${when}: click minus flash ${drifts.map(ms).join(", ")}`);
}

test("[PA45] the film is one that tries a player: three sizes of picture, boundaries off the grid", (t) => {
  if (skip !== undefined) return t.skip(skip);
  assert.ok(film.rungs.length >= 3 && new Set(film.rungs.map(({ height }) => height)).size >= 3);
  assert.deepEqual(film.boundaries, [127, 240, 372, 481]);
  const shared = [...film.segments.values()].filter(({ rungs }) => rungs.length > 1);
  assert.ok(shared.length < film.segments.size / 2, "most segments tell which rung they are of");
});

for (const showing of showings) {
  test(
    `[PA45] ${named(showing)} plays each rung over boundaries, without a gap or an error`,
    options,
    async (t) => {
      if (skip !== undefined) return t.skip(skip);
      for (const rung of film.rungs.keys()) {
        assert.deepEqual(await playsRung(theatre, on(showing), rung), [], film.rungs[rung]?.id);
      }
      assert.deepEqual(theatre.foreign, [], "nothing was asked from elsewhere");
    },
  );

  test(
    `[PA46] [PA48] ${named(showing)} changes the rung at every boundary, and ends in step`,
    options,
    async (t) => {
      if (skip !== undefined) return t.skip(skip);
      assert.deepEqual(await switchesEverywhere(theatre, on(showing)), []);
      const { wrong, drifts } = await inStep(theatre, on(showing));
      assert.deepEqual(wrong, []);
      step(t, "after playing", drifts);
    },
  );

  test(
    `[PA47] [PA48] ${named(showing)} shows the frame it is sent to, and stays in step`,
    options,
    async (t) => {
      if (skip !== undefined) return t.skip(skip);
      const top = film.rungs.length - 1;
      assert.deepEqual(await seeksRight(theatre, on(showing), top), []);
      assert.deepEqual(await seeksWhileFetching(theatre, on(showing), top), []);
      const { wrong, drifts } = await inStep(theatre, on(showing));
      assert.deepEqual(wrong, []);
      step(t, "after seeks", drifts);
    },
  );
}

test("[PA49] Shaka shows the seek bar's pictures at their times, from the manifest and from WebVTT", async (t) => {
  if (skip !== undefined) return t.skip(skip);
  assert.deepEqual(await showsTiles(theatre, on(shakaDash), "manifest"), []);
  assert.deepEqual(await showsTiles(theatre, on(shakaDash), "vtt"), []);
  assert.deepEqual(await showsTiles(theatre, on(shakaHls), "vtt"), []);
});

const long = process.env.MILLRACE_TEST_LONG === "1";

/** Each player and each manifest with one codec or the other; all with each when there is time. */
const shownIn: Readonly<Record<string, readonly Showing[]>> = {
  vp9: [shakaDash, hls],
  av1: [shakaHls, dash],
};

/** A browser that does not play the least of a codec plays nothing of it, and the film need not be encoded. */
const leastOf = { vp9: "vp09.00.10.08", av1: "av01.0.00M.08", hevc: "hvc1.1.6.L30.90" };

for (const [codec, least] of Object.entries(leastOf)) {
  const name = `[PA45] [PA46] [PA47] [PA48] a short film in ${codec} plays as one in H.264 does`;
  test(name, codecOptions, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const hopeless = await unsupported(theatre.page, [`video/mp4; codecs="${least}"`]);
    if (hopeless.length > 0) return t.skip(`the browser does not play ${hopeless.join(", ")}`);
    const made = await makePackage(folder, codec, "short", deadline());
    if (made.kind === "left-out") return t.skip(made.why);
    const types = await unsupported(theatre.page, made.made.types);
    if (types.length > 0) return t.skip(`the browser does not play ${types.join(", ")}`);
    assert.ok(made.made.rungs.length >= 2, "there is another rung to change to");
    for (const showing of long ? showings : (shownIn[codec] ?? showings)) {
      const url = theatre.server.offer(codec, made.made.folder);
      const show: Show = { ...showing, film: made.made, url, patienceMs };
      assert.deepEqual(await playsRung(theatre, show, 0), [], named(showing));
      assert.deepEqual(await switchesEverywhere(theatre, show), [], named(showing));
      assert.deepEqual(await seeksRight(theatre, show, 1), [], named(showing));
      assert.deepEqual((await inStep(theatre, show)).wrong, [], named(showing));
    }
  });
}

/** Asserts that a check finds the damage that was done. */
async function isFound(wrong: Promise<readonly string[]>, words: RegExp): Promise<void> {
  const found = await wrong;
  assert.ok(
    found.some((one) => words.test(one)),
    `wanted ${words}, found ${JSON.stringify(found)}`,
  );
}

const third = /^package\/v[^/]*\/3\.m4s$/;
const last = /^package\/v[^/]*\/5\.m4s$/;
const pictures = /^package\/v[^/]*\.m3u8$/;
/** At every rate: which one a player takes is for it to say. */
const sound = /^package\/audio[^/]*\/\d+\.m4s$/;
const frame = frameRate.den / frameRate.num;

/** The last segment: a late one in the middle would lie over the next, and what browsers make of that is a matter of luck. */
const frameLate = spoiling([last, later(frameRate.den)], [pictures, lateInPlaylist(5, frame)]);

/** That damage is found needs one player of each manifest. */
for (const showing of long ? showings : [shakaDash, hls]) {
  test(
    `[PA45] ${named(showing)}: a segment that is one frame late or missing is found`,
    options,
    async (t) => {
      if (skip !== undefined) return t.skip(skip);
      await isFound(playsRung(theatre, damaged(showing, frameLate), 1), /frame 4[89]\d is shown at/);
      const gone = lacking(showing, spoiling([third, missing]));
      await isFound(playsRung(theatre, gone, 0), /404/);
    },
  );

  test(`[PA48] ${named(showing)}: sound that is 60 ms late is found`, options, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const playlist = [/^package\/audio[^/]*\.m3u8$/, lateInPlaylist(2, 0.06)] as const;
    const late = damaged(showing, spoiling([sound, later(0.06 * 48_000)], playlist));
    await isFound(inStepFromStart(theatre, late), /the click is (59|60|61)\.\d+ ms from the flash/);
  });
}

test("[PA45] a segment without its last part leaves a gap, which is found", options, async (t) => {
  if (skip !== undefined) return t.skip(skip);
  const short = lacking(dash, spoiling([third, shortened]));
  await isFound(playsRung(theatre, short, 0), /^video is not one range: \[\[0,10\.\d+\],\[12\.41/);
});

test("[PA47] a seek that shows the frame beside is found", options, async (t) => {
  if (skip !== undefined) return t.skip(skip);
  await isFound(seeksRight(theatre, damaged(hls, frameLate), 0), /it shows frame 48\d, wanted 48\d/);
});

test("[PA46] staying on a rung, a foreign init, and a film without its end are found", options, async (t) => {
  if (skip !== undefined) return t.skip(skip);
  const stays = switchesEverywhere(theatre, on(hls), [0, 0, 1, 2, 1]);
  await isFound(stays, /rungs wanted \S+ (\S+) .*, taken (\S+) (?!\1)/);
  const init = await readFile(join(film.folder, "package", film.rungs[0]?.id ?? "", "init.mp4"));
  const foreign = damaged(shakaDash, spoiling([/^package\/v180[^/]*\/init\.mp4$/, () => init]));
  await isFound(switchesEverywhere(theatre, foreign), /carries no number|the video element: 3/);
  const endless = damaged(dash, spoiling([last, shortened]));
  await isFound(switchesEverywhere(theatre, endless), /video does not end at 20\.02/);
});

test("[PA49] pictures of the seek bar that stand at other times are found", options, async (t) => {
  if (skip !== undefined) return t.skip(skip);
  const longer = saying(/duration="20020"/g, 'duration="24000"');
  const slow = damaged(shakaDash, spoiling([/^dash\/manifest\.mpd$/, longer]));
  await isFound(showsTiles(theatre, slow, "manifest"), /the picture for [\d.]+ s shows frame \d+/);
  const moved = spoiling([/^package\/storyboard\.vtt$/, saying(/xywh=160,0/g, "xywh=320,0")]);
  await isFound(showsTiles(theatre, damaged(shakaDash, moved), "vtt"), /for 2\.002 s shows frame 120/);
});
