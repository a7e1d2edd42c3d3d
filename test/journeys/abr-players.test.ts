// Our rule in the three players that most of the world uses, from the built entry, in a real browser.
import assert from "node:assert/strict";
import { access, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { removeTree } from "#io/files.ts";
import type { PlayerName } from "#test/fixtures/players/decks.ts";
import type { Played, RuleOrder } from "#test/fixtures/players/rule.ts";
import { bundle } from "#tools/build-abr.ts";
import { makeFilmForAll } from "./abr-players-film.ts";
import { openTheatre, type Theatre } from "./pack-players-theatre.ts";
import type { Film } from "./player-film.ts";

const browserPath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
const patienceMs = 20_000;
const stop = new AbortController();
const filmSeconds = 10;
const segments = filmSeconds / 2;

let folder = "";
let skip: string | undefined;
let film: Film;
let theatre: Theatre;

before(async () => {
  skip = await firstMissing([browserPath, "/usr/bin/ffmpeg"]);
  if (skip !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-abr-"));
  const making = makeFilmForAll(join(folder, "film"), filmSeconds, stop.signal);
  const opening = openTheatre(browserPath).then((opened) => {
    // Kept at once, so that the browser is closed whatever becomes of the film.
    theatre = opened;
  });
  const building = bundle("src/abr/entry.ts", join(folder, "built"), "abr");
  const results = await Promise.allSettled([opening, building, making]);
  for (const result of results) if (result.status === "rejected") throw result.reason;
  film = await making;
  theatre.server.offer("abr", join(folder, "built"));
  await theatre.page.addScriptTag({ type: "module", url: "/page/rule.ts" });
  await theatre.page.waitForFunction(() => window.playByRule !== undefined);
});

async function firstMissing(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (!there) return `${path} is missing`;
  }
  return undefined;
}

after(async () => {
  stop.abort();
  await theatre?.close();
  if (folder !== "") await removeTree(folder);
});

interface Course extends Played {
  /** Segments of the picture in the order in which they were asked for, as "RUNG NUMBER". */
  readonly asked: readonly (readonly [rung: number, segment: number])[];
}

interface Showing {
  readonly player: PlayerName;
  readonly manifest: "manifest.mpd" | "master.m3u8";
  readonly sizes: "known" | "unknown";
}

async function course({ player, manifest, sizes }: Showing): Promise<Course> {
  const url = theatre.server.offer("film", film.folder);
  const sidecar = sizes === "known" ? `${url}/sidecar.json` : undefined;
  const order: RuleOrder = { player, manifest: `${url}/${manifest}`, sidecar, patienceMs };
  theatre.server.asked.length = 0;
  const played = await theatre.page.evaluate((one) => window.playByRule(one), order);
  const asked = theatre.server.asked.flatMap((path) => {
    const [, id = "", segment] = /^([^/]+)\/(\d+)\.m4s$/.exec(path) ?? [];
    const rung = film.sidecar.renditions.findIndex((one) => one.id === id);
    return rung < 0 ? [] : [[rung, Number(segment)] as const];
  });
  return { ...played, asked };
}

const showings: readonly Showing[] = [
  { player: "shaka", manifest: "manifest.mpd", sizes: "known" },
  { player: "shaka", manifest: "master.m3u8", sizes: "unknown" },
  { player: "hls.js", manifest: "master.m3u8", sizes: "known" },
  { player: "hls.js", manifest: "master.m3u8", sizes: "unknown" },
  { player: "dash.js", manifest: "manifest.mpd", sizes: "known" },
  { player: "dash.js", manifest: "manifest.mpd", sizes: "unknown" },
];

for (const showing of showings) {
  const { player, manifest, sizes } = showing;
  const name = `[PY98] ${player} plays ${manifest} to its end by our rule, sizes ${sizes}`;
  test(name, { timeout: 60_000 }, async (t) => {
    if (skip !== undefined) return t.skip(skip);
    const { end, asked, said } = await course(showing);
    const seen = JSON.stringify({ asked, said });
    assert.equal(end, "ended", seen);
    const all = Array.from({ length: segments }, (_, index) => index + 1);
    const order = asked.map(([, segment]) => segment);
    assert.deepEqual(order, all, `every segment once: ${seen}`);
    const rises = asked.filter(([rung], index) => rung > (asked[index - 1]?.[0] ?? rung));
    assert.ok(rises.length > 0, `up at least once: ${seen}`);
    assert.deepEqual(
      said.map(({ segment }) => segment + 1),
      all,
      `one sentence per segment: ${seen}`,
    );
    assert.ok(said.every(({ because }) => because.length > 10 && because.length <= 400));
    t.diagnostic(said.map(({ because }) => because).join(" | "));
  });
}

test("[PY98] the page asked nothing from elsewhere", async (t) => {
  if (skip !== undefined) return t.skip(skip);
  assert.deepEqual(theatre.foreign, []);
  assert.ok((await readFile(join(folder, "built", "abr.js"), "utf8")).length > 1000);
});
