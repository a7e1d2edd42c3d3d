// Every codec, voice and language encrypted: decrypted again by ffmpeg and by shaka-packager, and played in Chromium.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { findPackager } from "#io/packager.ts";
import { run } from "#io/process.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { EncodedFilm } from "#model/encoded.ts";
import { pathsInManifest, pathsInPlaylist, rangesInPlaylist } from "#pack/agreement.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import type { ProtectionOrder } from "#pack/io/shaka-packager.ts";
import { readProtection } from "#pack/protected-init.ts";
import { keyFor } from "#pack/protection.ts";
import { titleId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import { sidecar } from "#wire/sidecar.ts";
import { signal, tools, why } from "./encode-run.ts";
import { clickAt, manyTracks, plan } from "./pack-films.ts";
import { clickIn } from "./pack-rig.ts";
import { openStage } from "./player-stage.ts";
import { decoded, frameHashes, hashes, protect, wholeOf } from "./protect-rig.ts";

const options = { skip: why, timeout: 240_000 };
const browser = { ...options, skip: why || (tools.chromium === undefined ? "needs Chromium" : false) };
const id = titleId("many");

let folder = "";
let film: EncodedFilm;
let protection: ProtectionOrder;
let clear = "";
let encrypted = "";

before(async () => {
  if (why !== false) return;
  folder = await mkdtemp(join(tmpdir(), "millrace-protect-codecs-"));
  await mkdir(join(folder, "film"));
  film = await manyTracks(join(folder, "film"));
  protection = await protect({ keys: "new", out: join(folder, "out") });
  [clear, encrypted] = [join(folder, "store/clear"), join(folder, "store/encrypted")];
  await packTitle({ film, titleId: id, outDir: clear, signal });
  await packTitle({ film, titleId: id, outDir: encrypted, signal, protection });
});

after(async () => {
  if (folder !== "") await rm(folder, { recursive: true, force: true });
});

/** Every rendition with its key: all pictures of this film are SD. */
function renditions(): readonly (readonly [id: string, key: ContentKey])[] {
  const pictures = film.rungs.map(({ rung }) => [rung.id, keyFor(protection.keys, "SD")] as const);
  return [...pictures, ...film.audio.map((sound) => [sound.id, keyFor(protection.keys, "AUDIO")] as const)];
}

/** `rendition` decrypted into the clear by shaka-packager. */
async function decryptedByPackager(rendition: string, { kid, key }: ContentKey): Promise<Buffer> {
  const found = await findPackager("", signal);
  assert.ok(found.kind === "found");
  const [input, output] = ["encrypted", "decrypted"].map((name) => join(folder, `${name}-${rendition}.mp4`));
  assert.ok(input !== undefined && output !== undefined);
  await writeFile(input, await wholeOf(encrypted, rendition));
  const stream = film.audio.some((sound) => sound.id === rendition) ? "audio" : "video";
  const keys = ["--enable_raw_key_decryption", "--keys", `label=:key_id=${kid}:key=${key}`];
  const argv = [found.tool.path, `in=${input},stream=${stream},output=${output}`, ...keys] as const;
  await run({ argv, signal, deadline: milliseconds(60_000), nice: 10 });
  return readFile(output);
}

async function decodesToTheClear(rendition: string, key: ContentKey): Promise<void> {
  const wanted = await frameHashes(clear, rendition);
  assert.ok(wanted.split("\n").length > 250, `${rendition} is decoded at all`);
  assert.equal(await frameHashes(encrypted, rendition, key.key), wanted, rendition);
  const again = await decoded(await decryptedByPackager(rendition, key));
  assert.equal(again.join("\n"), wanted, rendition);
  assert.notEqual(await frameHashes(encrypted, rendition), wanted, `${rendition} without its key`);
  const other = key.label === "SD" ? "AUDIO" : "SD";
  const otherKey = keyFor(protection.keys, other).key;
  assert.notEqual(await frameHashes(encrypted, rendition, otherKey), wanted, `${rendition} by ${other}`);
}

test(
  "[PA37] [PA50] every codec and sound, decrypted by ffmpeg and by shaka-packager, is the clear one",
  options,
  async () => {
    const codecs = [...film.rungs.map(({ rung }) => rung.codec), ...film.audio.map(({ codec }) => codec)];
    assert.deepEqual([...new Set(codecs)], ["h264", "hevc", "vp9", "av1", "aac", "opus"]);
    // Two at a time: each decodes the film five times.
    const queue = [...renditions()].values();
    const decodeAll = async (): Promise<void> => {
      for (const [rendition, key] of queue) await decodesToTheClear(rendition, key);
    };
    await Promise.all([decodeAll(), decodeAll()]);
  },
);

test("[PA38] [PA50] each init says cbcs, its pattern and the key of its label", options, async () => {
  const ivs = new Set<string>();
  for (const [rendition, { kid, label }] of renditions()) {
    const read = readProtection(await readFile(join(encrypted, rendition, "init.mp4")));
    assert.ok(read.kind === "read", rendition);
    const { iv, psshKids: _, ...facts } = read.facts;
    assert.deepEqual(
      facts,
      { scheme: "cbcs", kid, systemBoxes: [], pattern: label === "AUDIO" ? [0, 0] : [1, 9] },
      rendition,
    );
    ivs.add(iv);
  }
  assert.equal(ivs.size, renditions().length);
});

test(
  "[PA40] [PA50] the manifests are those of the clear package but for rates, and keys before their inits",
  options,
  async () => {
    for (const name of ["master.m3u8", "manifest.mpd"]) {
      const [plain, locked] = await Promise.all(
        [clear, encrypted].map((outDir) => readFile(join(outDir, name), "utf8")),
      );
      assert.ok(plain !== undefined && locked !== undefined);
      const paths = name === "manifest.mpd" ? pathsInManifest : pathsInPlaylist;
      assert.deepEqual(paths(locked), paths(plain));
      const codecs = (text: string): readonly string[] => text.match(/codecs="[^"]*"/gi) ?? [];
      assert.deepEqual(codecs(locked), codecs(plain), "codecs are named as what they are in the clear");
    }
    const mpd = await readFile(join(encrypted, "manifest.mpd"), "utf8");
    const inside = mpd.match(/<Representation id="opus-de"[\s\S]*?<\/Representation>/)?.[0] ?? "";
    assert.deepEqual(
      [...inside.matchAll(/<([A-Z]\w+)/g)].map((match) => match[1]),
      ["Representation", "AudioChannelConfiguration", "ContentProtection", "ContentProtection"],
      "as the schema orders them",
    );
    const iframes = film.rungs.map(
      ({ rung }) => [`${rung.id}-iframes`, keyFor(protection.keys, "SD")] as const,
    );
    for (const [playlist, { kid }] of [...renditions(), ...iframes]) {
      const text = await readFile(join(encrypted, `${playlist}.m3u8`), "utf8");
      const tags = text.match(/#EXT-X-(KEY|MAP|BYTERANGE)|#EXTINF/g)?.slice(0, 3);
      assert.deepEqual(tags, ["#EXT-X-KEY", "#EXT-X-MAP", "#EXTINF"], playlist);
      assert.match(text, new RegExp(`KEYID=0x${kid},`), playlist);
    }
  },
);

test(
  "[PA29] [PA50] each range of an encrypted I-frame playlist decrypts into the picture of its time",
  options,
  async () => {
    const { key } = keyFor(protection.keys, "SD");
    for (const { rung } of film.rungs) {
      const whole = (await frameHashes(clear, rung.id)).split("\n");
      const init = await readFile(join(encrypted, rung.id, "init.mp4"));
      const text = await readFile(join(encrypted, `${rung.id}-iframes.m3u8`), "utf8");
      const seen: (string | undefined)[] = [];
      for (const { path, offset, bytes } of rangesInPlaylist(text)) {
        const range = (await readFile(join(encrypted, path))).subarray(offset, offset + bytes);
        const [first] = await decoded(Buffer.concat([init, range]), key);
        seen.push(first?.split(",").at(-1));
      }
      const wanted = plan.keyframes.map((frame) => whole[frame]?.split(",").at(-1));
      assert.ok(wanted.every((hash) => hash !== undefined));
      assert.deepEqual(seen, wanted, rung.id);
    }
  },
);

test("[PA30] [PA50] the sidecar has sizes and hashes of the encrypted segments", options, async () => {
  const facts = sidecar.parse(JSON.parse(await readFile(join(encrypted, "sidecar.json"), "utf8")));
  const found = new Map((await hashes(encrypted)).map((row) => [row.split(" ")[0], row.split(" ")[1]]));
  const tracks = [...facts.renditions, ...(facts.sounds ?? [])];
  assert.equal(tracks.length, renditions().length);
  for (const track of tracks) {
    for (const [index, bytes] of track.bytes.entries()) {
      const path = `${track.id}/${index + 1}.m4s`;
      assert.equal((await readFile(join(encrypted, path))).length, bytes, path);
      assert.equal(track.sha256Prefix?.[index], found.get(`/${path}`)?.slice(0, 16), path);
    }
  }
});

test(
  "[PA50] Shaka Player plays VP9 and AV1 with Opus, encrypted, in Chromium to the end",
  browser,
  async () => {
    const stage = await openStage(tools.chromium?.path ?? "", join(folder, "store"), () => "");
    try {
      const clearKeys = Object.fromEntries(protection.keys.map(({ kid, key }) => [kid, key]));
      for (const codec of ["vp9", "av1"]) {
        const rungs = film.rungs.filter(({ rung }) => rung.codec === codec);
        const audio = film.audio.filter((sound) => sound.codec === "opus");
        const outDir = join(folder, "store", codec);
        await packTitle({ film: { ...film, rungs, audio }, titleId: id, outDir, signal, protection });
        const wish = { player: "shaka", manifest: `/${codec}/manifest.mpd`, height: 90 } as const;
        const played = await stage.play({ ...wish, drm: { clearKeys } });
        assert.equal(played.why, "ended", `${codec} ${JSON.stringify(played)}`);
        assert.equal(played.ranges.length, 1, JSON.stringify(played));
        assert.ok(played.frames > 60, JSON.stringify(played));
        const without = await stage.play(wish);
        assert.match(without.why, /^shaka (60\d\d|4012)$/, `${codec} ${JSON.stringify(without)}`);
        assert.equal(without.frames, 0);
      }
    } finally {
      await stage.close();
    }
  },
);

test(
  "[PA43] MPEG-TS takes the H.264 rungs and the first AAC sound of many, and no subtitles",
  options,
  async () => {
    const outDir = join(folder, "store/transport");
    const made = await packTitle({ film, titleId: id, outDir, signal, transport: "beside" });
    const master = await readFile(join(outDir, "ts/master.m3u8"), "utf8");
    assert.deepEqual(pathsInPlaylist(master), ["h264-1.m3u8", "h264-2.m3u8"]);
    assert.doesNotMatch(master, /SUBTITLES|EXT-X-MEDIA/);
    const files = made.renditions.find((rendition) => rendition.id === "ts")?.files ?? [];
    assert.equal(files.length, 2 * (plan.boundaries.length + 1) + 1);
    const heard = await clickIn(join(outDir, "ts/h264-1.m3u8"), join(folder, "heard.raw"));
    assert.ok(Math.abs(heard - clickAt.en) < 0.05, `the click is heard at ${heard} s`);
  },
);
