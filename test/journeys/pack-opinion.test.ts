// ffprobe as second opinion before a title is published: it agrees with every codec, clear and encrypted, and what is damaged
// behind our own check's back is not published.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { probeFor } from "#bin/second-opinion.ts";
import type { EncodedFilm } from "#model/encoded.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProbeRun, RunProbe } from "#pack/io/second-opinion.ts";
import { Fault } from "#units/fault.ts";
import { titleId } from "#units/id.ts";
import { options, settings, signal, tools, why } from "./encode-run.ts";
import { manyTracks } from "./pack-films.ts";
import { filesIn, protect } from "./protect-rig.ts";

/** Its name holds what ffmpeg would take for parts of an address. */
let store = "";
let made: { readonly film: EncodedFilm; readonly probe: RunProbe } | undefined;

before(async () => {
  if (why !== false) return;
  const folder = await mkdtemp(join(tmpdir(), "millrace-opinion-"));
  store = join(folder, "store #1? 100%");
  const probe = await probeFor({ tools, settings, signal });
  made = { film: await manyTracks(folder), probe };
});

after(async () => {
  if (store !== "") await rm(join(store, ".."), { recursive: true, force: true });
});

function hands(): NonNullable<typeof made> {
  assert.ok(made !== undefined);
  return made;
}

test(
  "[PA61] ffprobe agrees with every picture and sound, clear and encrypted, and leaves nothing",
  options,
  async () => {
    const { film, probe } = hands();
    const asked: string[] = [];
    const secondOpinion: RunProbe = async (run) => {
      asked.push(run.args.find((arg) => arg.startsWith("file:")) ?? "");
      return probe(run);
    };
    const names = [...film.rungs.map(({ rung }) => rung.id), ...film.audio.map(({ id }) => id)];
    const clear = { film, titleId: titleId("clear"), outDir: join(store, "clear"), signal, secondOpinion };
    await packTitle(clear);
    assert.deepEqual(
      asked,
      names.map((name) => `file:${name}.m3u8`),
    );
    const out = join(store, "encrypted");
    const protection = await protect({ keys: "new", out });
    await packTitle({ ...clear, titleId: titleId("encrypted"), outDir: out, protection });
    assert.equal(asked.length, 2 * names.length);
    assert.deepEqual(
      (await filesIn(out)).filter((path) => path.includes("keyless")),
      [],
    );
  },
);

/** Damage done after our own check, and what ffprobe finds. */
const damages: readonly {
  readonly what: string;
  readonly hurt: (folder: string) => Promise<void>;
  readonly path: string;
  readonly words: RegExp;
}[] = [
  {
    what: "a segment of another time",
    hurt: (folder) => copyFile(join(folder, "h264-2/1.m4s"), join(folder, "h264-2/2.m4s")),
    path: "h264-2.m3u8",
    words: /h264-2\.m3u8 .* wanted .*, found /,
  },
  {
    what: "a segment that is not there",
    hurt: (folder) => rm(join(folder, "vp9-1/2.m4s")),
    path: "vp9-1.m3u8",
    words: /wanted 270 frames, found \d+ frames/,
  },
  {
    what: "a playlist of another codec's segments",
    hurt: (folder) => copyFile(join(folder, "av1-1.m3u8"), join(folder, "hevc-1.m3u8")),
    path: "hevc-1.m3u8",
    words: /wanted hevc, found av1/,
  },
  {
    what: "an init that is none",
    hurt: (folder) => writeFile(join(folder, "av1-1/init.mp4"), "no init"),
    path: "av1-1.m3u8",
    words: /wanted a rendition, found /,
  },
  {
    what: "a sound playlist cut short",
    hurt: async (folder) => {
      const path = join(folder, "opus-de.m3u8");
      const lines = (await readFile(path, "utf8")).split("\n");
      await writeFile(path, [...lines.slice(0, -4), "#EXT-X-ENDLIST", ""].join("\n"));
    },
    path: "opus-de.m3u8",
    words: /wanted its playlist to last 9\.0\d\d s, found \d\.\d\d\d s/,
  },
];

for (const { what, hurt, path, words } of damages) {
  test(`[PA62] what ffprobe sees otherwise is named and not published: ${what}`, options, async () => {
    const { film, probe } = hands();
    let first: ProbeRun | undefined;
    const secondOpinion: RunProbe = async (run) => {
      if (first === undefined) await hurt(run.folder);
      first ??= run;
      return probe(run);
    };
    const outDir = join(store, "hurt");
    await assert.rejects(
      packTitle({ film, titleId: titleId("hurt"), outDir, signal, secondOpinion }),
      (error) => {
        assert.ok(error instanceof Fault, String(error));
        assert.deepEqual([error.code, error.facts.path], ["pack-second-opinion", path], error.message);
        assert.match(error.message, words);
        return true;
      },
    );
    assert.deepEqual(
      (await readdir(store)).filter((name) => name.startsWith("hurt")),
      [],
    );
  });
}
