// Every codec, voice and language in one package, of real encodes, read by other programs: a second opinion on our own checks.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { type Finished, run } from "#io/process.ts";
import type { EncodedFilm } from "#model/encoded.ts";
import type { TitlePackage } from "#model/package.ts";
import { rangesInPlaylist } from "#pack/agreement.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { storedAs } from "#pack/io/share.ts";
import { packSettings } from "#pack/settings.ts";
import { titleId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import { segmentSizes, sidecar } from "#wire/sidecar.ts";
import { clickAt, frames, manyTracks, plan } from "./pack-films.ts";
import { clickIn, ffmpeg, ffmpegMissing, fps, frameHashes, hashes, signal } from "./pack-rig.ts";
import { laterVersion } from "./pack-tracks-later.ts";
import { pageOf } from "./pack-tracks-page.ts";

interface Made {
  readonly film: EncodedFilm;
  readonly title: TitlePackage;
  readonly outDir: string;
}

let folder = "";
let made: Made | undefined;
let missing: string | undefined;

before(async () => {
  missing = await ffmpegMissing();
  if (missing !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-tracks-"));
  const film = await manyTracks(folder);
  const outDir = join(folder, "store", "many");
  const title = await packTitle({ film, titleId: titleId("many"), outDir, signal });
  made = { film, title, outDir };
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** The rendition as one file, as a packager wants it. */
async function joined({ outDir }: Made, id: string, name = `${id}-whole.mp4`): Promise<string> {
  const count = (await readdir(join(outDir, id))).length - 1;
  const parts = ["init.mp4", ...Array.from({ length: count }, (_, index) => `${index + 1}.m4s`)];
  const all = await Promise.all(parts.map((part) => readFile(join(outDir, id, part))));
  await writeFile(join(folder, name), Buffer.concat(all));
  return join(folder, name);
}

async function shakaPackager(...args: readonly string[]): Promise<Finished> {
  const program = createRequire(import.meta.url).resolve("shaka-packager/index.js");
  return run({ argv: [process.execPath, program, ...args], signal, deadline: milliseconds(60_000) });
}

async function playlist({ outDir }: Made, name: string): Promise<string> {
  return readFile(join(outDir, name), "utf8");
}

const lengthsIn = (text: string): readonly number[] =>
  [...text.matchAll(/#EXTINF:([\d.]+)/g)].map((match) => Number(match[1]));

test("[PA25] every frame of every codec comes back in order, each segment from its own bytes alone", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  for (const { rung, pieces } of made.film.rungs) {
    const source: string[] = [];
    for (const piece of pieces) source.push(...(await frameHashes(piece.path, "0:v:0")));
    assert.equal(source.length, frames, rung.id);
    assert.deepEqual(await frameHashes(join(made.outDir, `${rung.id}.m3u8`), "0:v:0"), source, rung.id);
    const init = await readFile(join(made.outDir, rung.id, "init.mp4"));
    for (const [index, start] of plan.boundaries.entries()) {
      const alone = join(folder, "alone.mp4");
      const segment = await readFile(join(made.outDir, rung.id, `${index + 1}.m4s`));
      await writeFile(alone, Buffer.concat([init, segment]));
      const end = plan.boundaries[index + 1] ?? frames;
      assert.deepEqual(
        await frameHashes(alone, "0:v:0"),
        source.slice(start, end),
        `${rung.id} ${index + 1}`,
      );
    }
  }
});

interface Probed {
  readonly streams: readonly { readonly codec_name: string; readonly codec_type: string }[];
}

/** ffmpeg opens no ".vtt" of a DASH manifest unless it is told that it may. */
const withSubtitles = ["-allowed_extensions", "ALL"];

async function probed(input: string, ...options: readonly string[]): Promise<readonly string[]> {
  const argv = ["ffprobe", "-v", "error", ...options, "-show_streams", "-of", "json", input] as const;
  const done = await run({ argv, signal, deadline: milliseconds(60_000) });
  assert.equal(done.stderr, "", input);
  const found: Probed = JSON.parse(done.stdout);
  return found.streams.map((stream) => stream.codec_name);
}

test("[PA33] [PA87] ffprobe finds all tracks in both manifests, also those added later, and each in its own playlist", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { film, outDir } = made;
  const pictures = film.rungs.map(({ rung }) => rung.codec as string);
  const sounds = film.audio.map((audio) => audio.codec as string);
  for (const [index, { rung }] of film.rungs.entries()) {
    assert.deepEqual(await probed(join(outDir, `${rung.id}.m3u8`)), [pictures[index]]);
  }
  for (const [index, audio] of film.audio.entries()) {
    assert.deepEqual(await probed(join(outDir, `${audio.id}.m3u8`)), [sounds[index]]);
  }
  const inDash = await probed(join(outDir, "manifest.mpd"), ...withSubtitles);
  assert.deepEqual(
    inDash.filter((codec) => codec !== "webvtt" && codec !== "mjpeg").toSorted(),
    [...pictures, ...sounds].toSorted(),
  );
  const inHls = await probed(join(outDir, "master.m3u8"));
  for (const codec of [...pictures, ...sounds]) assert.ok(inHls.includes(codec), codec);
  const later = await laterVersion(made);
  assert.deepEqual(await probed(later.dash, ...withSubtitles), [...inDash, "webvtt"]);
  assert.deepEqual(await probed(later.hls), inHls);
});

test("[PA20] [PA33] shaka-packager reads each track and names the same codecs", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  for (const rendition of made.title.renditions) {
    if (rendition.kind === "index") continue;
    const whole = await joined(made, rendition.id);
    const done = await shakaPackager(`in=${whole},stream=0`, "--dump_stream_info");
    const [, codec = ""] = /codec_string: (\S+)/.exec(done.stdout) ?? [];
    // It writes the optional fields of VP9 and AV1 too; ours are at their defaults.
    const [theirs, ours] = [codec.toLowerCase(), rendition.codecs.toLowerCase()];
    const agrees = theirs === ours || theirs.startsWith(`${ours}.`);
    assert.ok(agrees, `${rendition.id}: ${rendition.codecs}, shaka-packager says ${codec}`);
  }
});

test("[PA33] [PA34] shaka-packager packages each rung anew and cuts it where the plan does", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  for (const { rung } of made.film.rungs) {
    const whole = await joined(made, rung.id);
    const out = join(folder, "again", rung.id);
    const stream = [
      ...[`in=${whole}`, "stream=video", `init_segment=${out}/init.mp4`],
      ...[`segment_template=${out}/$Number$.m4s`, "playlist_name=v.m3u8"],
    ].join(",");
    const lengths = ["--segment_duration", "4", "--fragment_duration", "4"];
    await shakaPackager(stream, ...lengths, "--hls_master_playlist_output", `${out}/m.m3u8`);
    const theirs = lengthsIn(await readFile(join(out, "v.m3u8"), "utf8"));
    const planned = plan.boundaries.map((start, index) => (plan.boundaries[index + 1] ?? frames) - start);
    assert.deepEqual(
      theirs.map((length) => Math.round((length * fps.num) / fps.den)),
      planned,
      rung.id,
    );
    assert.deepEqual(
      lengthsIn(await playlist(made, `${rung.id}.m3u8`)).map((one) => Math.round((one * fps.num) / fps.den)),
      planned,
    );
  }
});

test("[PA7] [PA21] each voice clicks when it should, in AAC and in Opus, through HLS and through DASH", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { film, outDir } = made;
  const raw = join(folder, "click.f32");
  const inDash = [
    ...(await playlist(made, "manifest.mpd")).matchAll(/<Representation id="([^"]*)" codecs="(?:mp4a|opus)/g),
  ];
  for (const audio of film.audio) {
    const wanted = audio.language === "en" ? clickAt.en : clickAt.de;
    const stream = inDash.findIndex((match) => match[1] === audio.id);
    const hls = await clickIn(join(outDir, `${audio.id}.m3u8`), raw);
    const dash = await clickIn(join(outDir, "manifest.mpd"), raw, stream, withSubtitles);
    for (const heard of [hls, dash]) {
      assert.ok(Math.abs(heard - wanted) < 0.005, `${audio.id}: click at ${heard}, wanted ${wanted}`);
    }
  }
});

test("[PA28] subtitles are there for both manifests, on the film's clock", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const head = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n";
  assert.equal(
    await playlist(made, "subtitles-en.vtt"),
    `${head}00:00:03.000 --> 00:00:04.000 line:90%\nClick!\n`,
  );
  assert.equal(await playlist(made, "subtitles-de.vtt"), `${head}00:00:05.000 --> 00:00:06.000\nKlick!\n`);
  const read = await ffmpeg("-i", join(made.outDir, "subtitles-de.vtt"), "-f", "srt", "-");
  assert.match(read.stdout, /00:00:05,000 --> 00:00:06,000\s+Klick!/);
});

test("[PA28] subtitles that are missing, too large or none at all are named, and nothing is published", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const page = join(folder, "page.vtt");
  await writeFile(page, "<html></html>");
  const [first] = made.film.subtitles;
  assert.ok(first);
  const order = { titleId: titleId("bad"), outDir: join(folder, "store/bad"), signal };
  const whole = made.film;
  const film = (path: string): EncodedFilm => ({ ...whole, subtitles: [{ ...first, path }] });
  await assert.rejects(packTitle({ ...order, film: film(page) }), {
    code: "pack-piece-unfit",
    message: /page\.vtt.*subtitles-en.*neither the header/,
  });
  await assert.rejects(packTitle({ ...order, film: film(join(folder, "none.vtt")) }), {
    code: "pack-piece-missing",
  });
  const settings = { ...defaultsOf(packSettings), subtitleMib: 1e-5 };
  await assert.rejects(packTitle({ ...order, film: made.film, settings }), {
    code: "pack-piece-unfit",
    message: /en\.vtt.*at most/,
  });
  assert.ok(!(await readdir(join(folder, "store"))).includes("bad"));
});

test("[PA29] each range of the I-frame playlist decodes after the init, into the film's frame at its time", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  for (const { rung } of made.film.rungs) {
    const whole = await frameHashes(join(made.outDir, `${rung.id}.m3u8`), "0:v:0");
    const text = await playlist(made, `${rung.id}-iframes.m3u8`);
    const init = await readFile(join(made.outDir, rung.id, "init.mp4"));
    const seen: string[] = [];
    for (const range of rangesInPlaylist(text)) {
      const bytes = (await readFile(join(made.outDir, range.path))).subarray(range.offset);
      const path = join(folder, "iframe.mp4");
      await writeFile(path, Buffer.concat([init, bytes.subarray(0, range.bytes)]));
      const done = await ffmpeg("-v", "quiet", "-i", path, "-frames:v", "1", "-f", "framemd5", "-");
      seen.push(done.stdout.trim().split(",").at(-1)?.trim() ?? "");
    }
    assert.deepEqual(
      seen,
      plan.keyframes.map((key) => whole[key]),
      rung.id,
    );
    const micros = lengthsIn(text).reduce((sum, one) => sum + Math.round(one * 1e6), 0);
    assert.ok(Math.abs(micros - (frames * fps.den * 1e6) / fps.num) <= 0.5, rung.id);
  }
});

test("[PA30] the sidecar has every file's size and hash, and the language of every sound", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const facts = sidecar.parse(JSON.parse(await playlist(made, "sidecar.json")));
  const found = await hashes(made.outDir);
  for (const one of [...facts.renditions, ...(facts.sounds ?? [])]) {
    assert.ok(one.bytes.length > 1);
    for (const [index, bytes] of one.bytes.entries()) {
      const path = `${one.id}/${index + 1}.m4s`;
      assert.equal((await stat(join(made.outDir, path))).size, bytes);
      assert.equal(found[path]?.slice(0, 16), one.sha256Prefix?.[index]);
    }
    assert.equal(segmentSizes(facts, one.id), one.bytes);
  }
  assert.deepEqual(
    facts.sounds?.map((sound) => [sound.id, sound.codec, sound.language]),
    made.film.audio.map((audio) => [audio.id, audio.codec, audio.language]),
  );
  assert.deepEqual(
    facts.renditions.map((one) => one.codec),
    made.film.rungs.map(({ rung }) => rung.codec),
  );
});

test("[PA25] a piece or a sound of another codec than was promised is refused", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { film } = made;
  const [first, ...others] = film.rungs;
  const [sound] = film.audio;
  assert.ok(first && sound);
  const order = { titleId: titleId("mixed"), outDir: join(folder, "store/mixed"), signal };
  const rung = { ...first, rung: { ...first.rung, codec: "av1" } } as const;
  await assert.rejects(packTitle({ ...order, film: { ...film, rungs: [rung, ...others] } }), {
    code: "pack-piece-unfit",
    message: /it is h264, the rung av1/,
  });
  const audio = [{ ...sound, codec: "opus" }] as const;
  await assert.rejects(packTitle({ ...order, film: { ...film, audio } }), {
    code: "pack-piece-unfit",
    message: /it is aac, opus was promised/,
  });
});

const inode = async (path: string): Promise<number> => (await stat(path)).ino;

test("[PA31] segments that two rungs share lie on disk once, and those they do not share apart", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { outDir } = made;
  const both = async (file: string): Promise<readonly number[]> =>
    Promise.all(["h264-1", "h264-2"].map((id) => inode(join(outDir, id, file))));
  for (const shared of ["init.mp4", "1.m4s"]) {
    const [one, other] = await both(shared);
    assert.equal(one, other, shared);
  }
  const [one, other] = await both("2.m4s");
  assert.notEqual(one, other);
});

test("[PA31] titles of one store share, a rotten entry is replaced, and links of removed titles go", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { film } = made;
  const [rung] = film.rungs;
  assert.ok(rung);
  const small = { ...film, rungs: [rung], audio: [], subtitles: [] };
  const shared = join(folder, "origin/shared");
  const pack = async (name: string): Promise<TitlePackage> =>
    packTitle({
      film: small,
      titleId: titleId(name),
      outDir: join(folder, "origin/v", name),
      shared,
      signal,
    });
  const file = (name: string): string => join(folder, "origin/v", name, "h264-1/1.m4s");
  const first = await pack("one");
  await pack("two");
  assert.equal(await inode(file("one")), await inode(file("two")));

  const sha256 = first.renditions[0]?.files.find((one) => one.path === "h264-1/1.m4s")?.sha256 ?? "";
  const stored = join(shared, storedAs(sha256));
  const good = await readFile(file("one"));
  await rm(stored);
  await writeFile(stored, "rotten");
  await pack("three");
  assert.deepEqual(await readFile(file("three")), good);
  assert.equal(await inode(stored), await inode(file("three")));
  assert.notEqual(await inode(file("three")), await inode(file("one")));

  for (const name of ["one", "two", "three"]) await rm(join(folder, "origin/v", name), { recursive: true });
  const other = film.rungs.at(-1);
  assert.ok(other && other.rung.id !== rung.rung.id);
  const next = await packTitle({
    film: { ...small, rungs: [other] },
    titleId: titleId("four"),
    outDir: join(folder, "origin/v/four"),
    shared,
    signal,
  });
  const media = next.renditions.flatMap((one) => one.files).filter((one) => one.path.includes("/"));
  const links = (await readdir(shared, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  assert.deepEqual(
    links.map((one) => one.name).sort(),
    [...new Set(media.map((one) => one.sha256)), "next-shelf"].sort(),
    "packaging a title swept the links of those that were removed",
  );
});

test("[PA13] the same film gives the same bytes with every kind of track", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const before = await hashes(made.outDir);
  const { film, outDir } = made;
  await packTitle({ film, titleId: titleId("many"), outDir, signal });
  assert.deepEqual(await hashes(outDir), before);
});

test("[CO200] voices and subtitles stand in both manifests and on the title's page, under the same names", async (t) => {
  if (made === undefined) return t.skip(`ffmpeg is missing: ${missing}`);
  const { title } = made;
  const { voices = [], subtitles = [] } = title;
  assert.deepEqual([...new Set(voices.map(({ language }) => language))].toSorted(), ["de", "en"]);
  assert.ok(subtitles.length >= 2);
  const [hls, dash] = [await playlist(made, "master.m3u8"), await playlist(made, "manifest.mpd")];
  const inHls = (type: string): readonly string[] => [
    ...new Set(
      [...hls.matchAll(/#EXT-X-MEDIA:(.*)/g)]
        .map(([, attributes = ""]) => attributes)
        .filter((attributes) => attributes.includes(`TYPE=${type}`))
        .map(
          (attributes) =>
            `${/LANGUAGE="([^"]*)"/.exec(attributes)?.[1]} ${/NAME="([^"]*)"/.exec(attributes)?.[1]}`,
        ),
    ),
  ];
  const named = (all: typeof voices): readonly string[] =>
    all.map(({ language, name }) => `${language} ${name}`);
  assert.deepEqual(inHls("AUDIO"), named(voices));
  assert.deepEqual(inHls("SUBTITLES"), named(subtitles));
  for (const { language, name } of voices) {
    assert.match(
      dash,
      new RegExp(`contentType="audio"[^>]*lang="${language}"[\\s\\S]*?<Label>${name}</Label>`),
    );
  }
  for (const { language, name } of subtitles) {
    assert.match(
      dash,
      new RegExp(`mimeType="text/vtt"[^>]*lang="${language}"[\\s\\S]*?<Label>${name}</Label>`),
    );
  }
  const shown = await pageOf(title);
  assert.deepEqual(shown?.audio, voices);
  assert.deepEqual(shown?.subtitles, subtitles);
  assert.equal(shown?.work?.id, "many-film");
});
