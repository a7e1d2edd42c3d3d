// Hostile and broken files through the real check: ffprobe in its sandbox, as uploads that came in whole.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { openInspector } from "#control/io/inspect-film.ts";
import { encodeSettings } from "#encode/settings.ts";
import { arrivalPath } from "#publish/io/film-folders.ts";
import { openDesk } from "#test/fixtures/film-rig.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { ffmpeg, toolsHere } from "./encode-films.ts";

const { tools, why } = await toolsHere();

/** The limits themselves are the encoder's and tested there: small ones make small films. */
const strict = { ...defaultsOf(encodeSettings), maxPixels: 100_000, maxStreams: 4 };

function box(type: string, body: Uint8Array | string = "", claims?: number): Buffer {
  const content = Buffer.from(body);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(claims ?? content.length + 8, 0);
  head.write(type, 4, "latin1");
  return Buffer.concat([head, content]);
}

const start = box("ftyp", "isom\0\0\0\0isom");
const exabytes = Buffer.concat([Buffer.from("000000016d6f6f760fffffffffffffff", "hex"), Buffer.alloc(64)]);

/** 0x47 where packets begin, and a playlist between. */
function transportPolyglot(playlist: string): Buffer {
  const bytes = Buffer.alloc(188 * 8, 0x20);
  for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47;
  bytes.write(playlist.slice(0, 180), 1, "latin1");
  return bytes;
}

function corpus(canary: string): Readonly<Record<string, Buffer>> {
  const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${canary}\n#EXT-X-ENDLIST\n`;
  return {
    "playlist.mp4": Buffer.from(playlist),
    "playlist-in-mp4.mp4": Buffer.concat([start, box("mdat", playlist), box("moov", playlist)]),
    "playlist-in-ts.ts": transportPolyglot(playlist),
    "playlist-in-mkv.mkv": Buffer.concat([Buffer.from("1a45dfa3", "hex"), Buffer.from(playlist)]),
    "concat.mp4": Buffer.from(`ffconcat version 1.0\nfile /etc/passwd\nfile ${canary}\n`),
    "dash.mp4": Buffer.from(`<?xml version="1.0"?><MPD><BaseURL>${canary}</BaseURL></MPD>`),
    "page.webm": Buffer.from(`<!doctype html><video src="${canary}">`),
    "archive.mov": Buffer.concat([Buffer.from("504b0304", "hex"), Buffer.alloc(4000)]),
    "sound.mp4": Buffer.from("ID3\u0003\0\0\0\0\0\0 a song"),
    "zeros.mkv": Buffer.alloc(4096),
    "one-byte.mp4": Buffer.from([0x1a]),
    "only-ftyp.mp4": start,
    "exabytes.mp4": Buffer.concat([start, exabytes]),
    "four-gigabytes.mp4": Buffer.concat([start, box("moov", "tiny", 0xffffffff)]),
    "deep.mp4": Buffer.concat([start, nested(400)]),
    "half-mkv.mkv": Buffer.from("1a45dfa3a34286810142f7810142f2810442f381084282846d6b76", "hex"),
  };
}

/** Boxes within boxes. */
function nested(depth: number): Buffer {
  let inner = box("free");
  for (let level = 0; level < depth; level++) inner = box("moov", inner);
  return inner;
}

/** Real films with one thing that is too much, or cut. */
async function tooMuch(folder: string): Promise<readonly string[]> {
  const grey = "-f lavfi -i color=gray:s=64x64:r=24:d=1";
  await ffmpeg(folder, `${grey} -c:v mpeg4 whole.mp4`);
  await ffmpeg(
    folder,
    "-f lavfi -i color=gray:s=640x360:r=1:d=1 -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p huge.mkv",
  );
  await ffmpeg(folder, `${grey} ${"-map 0:v ".repeat(5).trim()} -c:v mpeg4 many.mkv`);
  await ffmpeg(
    folder,
    `${grey} -vf setpts=N*90000/TB -fps_mode passthrough -frames:v 3 -c:v mjpeg -pix_fmt yuvj420p long.mkv`,
  );
  const whole = join(folder, "whole.mp4");
  const cut = join(folder, "cut.mp4");
  await copyFile(whole, cut);
  await truncate(cut, Math.floor((await readFile(whole)).length / 2));
  return ["huge.mkv", "many.mkv", "long.mkv", "cut.mp4"];
}

test("[PB18] none of a corpus of hostile files is accepted, opens anything, or stays", {
  skip: why,
}, async () => {
  const home = await mkdtemp(join(tmpdir(), "millrace-corpus-"));
  const heard: string[] = [];
  const canary = createServer((request, response) => {
    heard.push(request.url ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  const at = canary.address();
  assert.ok(at !== null && typeof at === "object");
  const stores = memoryStores();
  const inspector = openInspector({ tools: async () => tools, settings: strict });
  const desk = await openDesk(home, stores, { inspector });
  const names = new Map<string, string>();
  const take = async (fileName: string, lay: (path: string) => Promise<number>): Promise<void> => {
    const id = names.size.toString(16).padStart(32, "0");
    names.set(id, fileName);
    const bytes = await lay(arrivalPath(desk.folders, id));
    const words = {
      id,
      kind: "upload",
      accountId: "ann",
      fileName,
      titleName: "t",
      bytes,
      sha256: undefined,
    } as const;
    const rest = { url: undefined, validator: undefined, refusal: undefined, masterId: undefined };
    const times = { createdAtMs: names.size, touchedAtMs: 1 };
    await stores.uploads.begin({ ...words, ...rest, ...times, state: "receiving" }, () => undefined);
    await desk.finished(id);
  };
  try {
    for (const [name, bytes] of Object.entries(corpus(`http://127.0.0.1:${at.port}/secret.ts`))) {
      await take(name, async (path) => writeFile(path, bytes).then(() => bytes.length));
    }
    // Ten gigabytes of nothing: a hole on the disk.
    await take("hole.mov", async (path) => {
      const file = await open(path, "w");
      await file.truncate(10e9);
      await file.close();
      return 10e9;
    });
    for (const name of await tooMuch(home)) {
      await take(name, async (path) => copyFile(join(home, name), path).then(() => 1));
    }
    await take("whole.mp4", async (path) => copyFile(join(home, "whole.mp4"), path).then(() => 1));
    await desk.idle();
    for (const [id, name] of names) {
      const seen = await stores.uploads.arrival(id);
      assert.equal(
        seen?.state,
        name === "whole.mp4" ? "accepted" : "refused",
        `${name} ${seen?.refusal?.sentence}`,
      );
      if (seen?.refusal === undefined) continue;
      assert.ok(seen.refusal.sentence.includes(name), `${name}: ${seen.refusal.sentence}`);
      assert.ok(!seen.refusal.sentence.includes(id) && !seen.refusal.sentence.includes(home));
      assert.notEqual(seen.refusal.code, "film-unchecked", seen.refusal.sentence);
    }
    assert.deepEqual(heard, [], "nobody was asked for anything");
    assert.deepEqual(await readdir(join(home, "uploads")), ["refused"]);
    assert.equal((await readdir(join(home, "masters"))).length, 1);
  } finally {
    await desk.close();
    await new Promise((resolve) => canary.close(resolve));
    await rm(home, { recursive: true, force: true });
  }
});
