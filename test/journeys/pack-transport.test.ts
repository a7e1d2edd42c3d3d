// MPEG-TS chunks of a real encode, read by ffmpeg and played by hls.js in Chromium.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { EncodedFilm } from "#model/encoded.ts";
import { pathsInPlaylist } from "#pack/agreement.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { toolsHere } from "./encode-films.ts";
import { openStage, type Stage, type Wish } from "./player-stage.ts";
import { ffmpeg, filmSeconds, frames, makeFilm, plan, rate, sizes } from "./protect-film.ts";

const signal = AbortSignal.timeout(240_000);
const { tools, why } = await toolsHere();
const browser = tools.chromium === undefined ? "needs Chromium" : false;
const options = { skip: why, timeout: 120_000 };
const chunks = plan.boundaries.length;

let folder = "";
let film: EncodedFilm;
let outDir = "";
let stage: Stage | undefined;

before(async () => {
  if (why !== false) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-transport-"));
  film = await makeFilm(join(folder, "film"), signal);
  outDir = join(folder, "store/title");
  await packTitle({ film, titleId: titleId("title"), outDir, signal, transport: "beside" });
});

after(async () => {
  await stage?.close();
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** Rows of ffmpeg's framemd5: decoding time, showing time, hash. */
async function decoded(input: string, map: string): Promise<readonly (readonly string[])[]> {
  const text = await ffmpeg(
    signal,
    "-i",
    input,
    "-map",
    map,
    "-fps_mode",
    "passthrough",
    "-f",
    "framemd5",
    "-",
  );
  const rows = text.split("\n").filter((line) => /^\d/.test(line));
  return rows.map((row) => row.split(",").map((cell) => cell.trim()));
}

async function hashes(input: string, map: string): Promise<readonly string[]> {
  return (await decoded(input, map)).map((row) => row.at(-1) ?? "");
}

test(
  "[PA42] every chunk plays by itself: tables, a picture that stands alone, and exactly its frames",
  options,
  async () => {
    for (const { id } of sizes) {
      const whole = await hashes(join(outDir, `${id}.m3u8`), "0:v:0");
      assert.equal(whole.length, frames);
      for (const [index, start] of plan.boundaries.entries()) {
        const path = join(outDir, `ts/${id}/${index + 1}.ts`);
        const bytes = await readFile(path);
        assert.deepEqual([...bytes.subarray(0, 3)], [0x47, 0x40, 0], "PAT first");
        assert.deepEqual([...bytes.subarray(188, 191)], [0x47, 0x50, 0], "PMT second");
        const end = plan.boundaries[index + 1] ?? frames;
        assert.deepEqual(await hashes(path, "0:v:0"), whole.slice(start, end), path);
      }
    }
  },
);

test(
  "[PA42] [PA43] joined, the chunks are the film: evenly spaced pictures and the sound of the CMAF set",
  options,
  async () => {
    const sound = await hashes(join(outDir, "audio.m3u8"), "0:a:0");
    for (const { id } of sizes) {
      const joined = join(folder, `${id}.ts`);
      const parts = Array.from({ length: chunks }, (_, index) =>
        readFile(join(outDir, `ts/${id}/${index + 1}.ts`)),
      );
      await writeFile(joined, Buffer.concat(await Promise.all(parts)));
      const pictures = await decoded(joined, "0:v:0");
      assert.deepEqual(
        pictures.map((row) => row.at(-1)),
        await hashes(join(outDir, `${id}.m3u8`), "0:v:0"),
      );
      assert.deepEqual(await hashes(joined, "0:a:0"), sound);
      for (const stream of ["v", "a"]) {
        const step = stream === "v" ? (90_000 * rate.den) / rate.num : (90_000 * 1024) / 48_000;
        const times = await stampsOf(joined, stream);
        assert.equal(times[0], 900_000, "both begin together");
        const odd = times.findIndex((time, index) => Math.abs(time - 900_000 - index * step) > 1);
        assert.equal(odd, -1, `${stream}: stamp ${odd} is ${times[odd]}`);
      }
    }
  },
);

/** Stamps of every packet in the order shown. */
async function stampsOf(input: string, stream: string): Promise<readonly number[]> {
  const text = await ffmpeg(
    ...[signal, "-copyts", "-i", input, "-map", `0:${stream}:0`, "-c", "copy"],
    ...["-f", "framecrc", "-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-"],
  );
  assert.match(text, /#tb 0: 1\/90000/);
  const rows = text.split("\n").filter((line) => /^\d/.test(line));
  return rows.map((row) => Number(row.split(",")[2])).toSorted((one, other) => one - other);
}

test(
  "[PA43] the playlists name every chunk with its exact length, in words of version 3",
  options,
  async () => {
    const master = await readFile(join(outDir, "ts/master.m3u8"), "utf8");
    assert.match(master, /#EXT-X-VERSION:3\n/);
    assert.doesNotMatch(master, /EXT-X-MEDIA|EXT-X-MAP/);
    assert.deepEqual(
      pathsInPlaylist(master),
      sizes.map(({ id }) => `${id}.m3u8`),
    );
    for (const { id } of sizes) {
      const text = await readFile(join(outDir, `ts/${id}.m3u8`), "utf8");
      const names = (await readdir(join(outDir, "ts", id))).toSorted();
      assert.deepEqual(
        pathsInPlaylist(text),
        names.map((name) => `${id}/${name}`),
      );
      const cmaf = await readFile(join(outDir, `${id}.m3u8`), "utf8");
      const lengths = (of: string): string[] => of.match(/#EXTINF:.*/g) ?? [];
      assert.deepEqual(lengths(text), lengths(cmaf));
    }
  },
);

test(
  "[PA42] the same film gives the same chunks, and the CMAF set is as it is without them",
  options,
  async () => {
    const again = join(folder, "store/again");
    const plain = join(folder, "store/plain");
    const id = titleId("title");
    const made = await packTitle({ film, titleId: id, outDir: again, signal, transport: "beside" });
    const without = await packTitle({ film, titleId: id, outDir: plain, signal });
    const first = await packTitle({ film, titleId: id, outDir, signal, transport: "beside" });
    assert.deepEqual(made, first);
    assert.equal(made.transport, "ts/master.m3u8");
    assert.deepEqual(
      without.renditions,
      made.renditions.filter((rendition) => rendition.id !== "ts"),
    );
    assert.equal(made.renditions.at(-1)?.files.length, sizes.length * (chunks + 1) + 1);
  },
);

test("[PA44] a film that MPEG-TS cannot carry is refused, and the older package stays", options, async () => {
  const before = await readdir(outDir, { recursive: true });
  const [sound] = film.audio;
  const [rung] = film.rungs;
  assert.ok(sound && rung);
  const cases: [EncodedFilm, RegExp][] = [
    [{ ...film, audio: [{ ...sound, codec: "opus" }] }, /none of its sounds is AAC/],
    [{ ...film, rungs: [{ ...rung, rung: { ...rung.rung, codec: "av1" } }] }, /none of its rungs is H\.264/],
  ];
  for (const [unfit, message] of cases) {
    const order = { film: unfit, titleId: titleId("title"), outDir, signal, transport: "beside" } as const;
    await assert.rejects(packTitle(order), { code: "pack-transport-unfit", message });
  }
  assert.deepEqual(await readdir(outDir, { recursive: true }), before);
});

test("[PA42] [PA43] hls.js plays each rung to its end, and over a switch, without a gap or an error", {
  ...options,
  skip: why || browser,
}, async () => {
  stage ??= await openStage(tools.chromium?.path ?? "", outDir, () => "");
  const manifest = "/ts/master.m3u8";
  const [small, large] = sizes.map((size) => size.height);
  assert.ok(small && large);
  const wishes: readonly [Pick<Wish, "height" | "thenHeight">, readonly number[]][] = [
    [{ height: small }, [small]],
    [{ height: large }, [large]],
    [{ height: small, thenHeight: large }, [small, large]],
  ];
  for (const [wish, seen] of wishes) {
    const played = await stage.play({ player: "hls", manifest, strict: true, ...wish });
    assert.equal(played.why, "ended", JSON.stringify(played));
    assert.equal(played.ranges.length, 1, "one range is buffered, without a gap");
    const [start = -1, end = -1] = played.ranges[0] ?? [];
    assert.ok(start < 0.02 && Math.abs(end - filmSeconds) < 0.1, JSON.stringify(played));
    assert.deepEqual(played.heights, seen);
    assert.ok(played.frames > frames / 4, `${played.frames} frames were shown`);
  }
});
