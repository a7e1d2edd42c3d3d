// Films whose pictures need mending, checked in real pixels: fields, turns, shapes and timing.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { ffmpeg, inFolder } from "./encode-films.ts";
import { colourAt, combing, lumaOf, type Pixels, pixelsOf, plain, withMatrix } from "./encode-pixels.ts";
import { options, prepare } from "./encode-run.ts";

const lossless = "-c:v libx264 -preset ultrafast -qp 0";
const moving = "-f lavfi -t 1.2 -i testsrc2=s=320x180:r=50";
const woven = `${moving} -vf tinterlace=interleave_top,setfield=prog`;

test("[EN48] interlace that the header does not confess is found and mended", options, () =>
  inFolder(async (folder) => {
    await ffmpeg(folder, `${woven} ${lossless} -pix_fmt yuv420p hidden.mp4`);
    const source = await pixelsOf(folder, "hidden.mp4", 320, 180);
    const made = await plain(folder, join(folder, "hidden.mp4"));
    assert.match(made.reasons, /interlaced, though marked progressive/);
    assert.equal(made.frames, 30);
    await ffmpeg(folder, "-f lavfi -t 1.2 -i testsrc2=s=320x180:r=25 -c:v ffv1 -pix_fmt yuv420p still.mkv");
    const never = combing(await pixelsOf(folder, "still.mkv", 320, 180), 10);
    const [before, after] = [combing(source, 10), combing(made, 10)];
    assert.ok(before > never * 1.2, `woven ${before}, progressive ${never}`);
    assert.ok(after < never + (before - never) / 3, `mended ${after} of ${before}, progressive ${never}`);
  }),
);

test("[EN48] a progressive film marked interlaced is left sharp; pulldown is named", options, () =>
  inFolder(async (folder) => {
    const marked = "-flags +ildct+ilme -c:v mpeg2video -q:v 2";
    await ffmpeg(folder, `-f lavfi -t 1.2 -i testsrc2=s=320x180:r=25 -vf setfield=tff ${marked} marked.ts`);
    const source = await pixelsOf(folder, "marked.ts", 320, 180);
    const made = await plain(folder, join(folder, "marked.ts"));
    assert.match(made.reasons, /progressive, though marked interlaced/);
    assert.equal(made.frames, 30);
    const error = meanError(source, made, 10);
    assert.ok(error < 1.5, `mean error ${error}`);
    const telecine = "-vf telecine=pattern=23,setfield=prog";
    await ffmpeg(
      folder,
      `-f lavfi -t 2 -i testsrc2=s=320x180:r=24000/1001 ${telecine} ${lossless} -pix_fmt yuv420p ntsc.mp4`,
    );
    const film = await plain(folder, join(folder, "ntsc.mp4"));
    assert.match(film.reasons, /telecined film \(3:2 pulldown\)/);
    const [whole, mended] = [await pixelsOf(folder, "ntsc.mp4", 320, 180), film];
    const combs = (pixels: Pixels): number =>
      Math.max(...Array.from({ length: 10 }, (_, index) => combing(pixels, 20 + index)));
    const [before, after] = [combs(whole), combs(mended)];
    assert.ok(after < before * 0.8, `${after} after, ${before} before`);
  }),
);

function meanError(a: Pixels, b: Pixels, frame: number): number {
  const start = frame * a.width * a.height * 1.5;
  let sum = 0;
  for (let at = 0; at < a.width * a.height; at++)
    sum += Math.abs((a.bytes[start + at] ?? 0) - (b.bytes[start + at] ?? 0));
  return sum / (a.width * a.height);
}

const quarters = "geq=lum='if(lt(X,W/2),if(lt(Y,H/2),40,140),if(lt(Y,H/2),90,200))':cb=128:cr=128";

test("[EN49] all eight display matrices show the picture as the standard says", options, () =>
  inFolder(async (folder) => {
    const still = `-f lavfi -i color=s=192x128:r=24,format=yuv420p,${quarters} -frames:v 2 ${lossless} -pix_fmt yuv420p`;
    const sourceLuma = (x: number, y: number): number => (x < 0 ? (y < 0 ? 40 : 140) : y < 0 ? 90 : 200);
    for (const [a, b, c, d] of [
      ...([
        [1, 0, 0, 1],
        [-1, 0, 0, 1],
        [1, 0, 0, -1],
        [-1, 0, 0, -1],
      ] as const),
      ...([
        [0, 1, 1, 0],
        [0, 1, -1, 0],
        [0, -1, 1, 0],
        [0, -1, -1, 0],
      ] as const),
    ]) {
      const name = `turned${[a, b, c, d].join("_")}.mp4`;
      await ffmpeg(folder, `${still} ${name}`);
      await withMatrix(join(folder, name), [a, b, c, d]);
      const made = await plain(folder, join(folder, name));
      assert.deepEqual([made.width, made.height], a === 0 ? [128, 192] : [192, 128], name);
      for (const [x, y] of [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ] as const) {
        // ISO/IEC 14496-12 §8.3.2: (x, y) is shown at (a·x + c·y, b·x + d·y).
        const [across, down] = [a * x + c * y, b * x + d * y];
        const [found] = colourAt(made, 0, 0.5 + across / 4, 0.5 + down / 4);
        assert.ok(Math.abs(found - sourceLuma(x, y)) < 2, `${name}, corner ${x},${y}: ${found}`);
      }
    }
  }),
);

test("[EN49] wide pixels and odd sides: edges are where they were drawn", options, () =>
  inFolder(async (folder) => {
    const edge = "geq=lum='if(lt(X/W,0.25),200,40)':cb=128:cr=128";
    const draw = (size: string, more: string, name: string) =>
      ffmpeg(
        folder,
        `-f lavfi -i color=s=${size}:r=24,format=yuv444p,${edge}${more} -frames:v 2 ${lossless} ${name}`,
      );
    await draw("120x90", ",setsar=2/1 -pix_fmt yuv420p", "wide.mp4");
    await draw("162x90", ",crop=161:89:0:0:exact=1 -pix_fmt yuv444p", "odd.mp4");
    for (const [name, width, height, wanted] of [
      ["wide.mp4", 240, 90, 60],
      ["odd.mp4", 162, 90, 162 * ((0.25 * 162) / 161)],
    ] as const) {
      const made = await plain(folder, join(folder, name));
      assert.deepEqual([made.width, made.height], [width, height]);
      const row = made.bytes.subarray(width * 40, width * 41);
      const bright = row.reduce((sum, luma) => sum + Math.min(1, Math.max(0, (luma - 40) / 160)), 0);
      assert.ok(Math.abs(bright - wanted) < 1, `${name}: edge at ${bright} instead of ${wanted}`);
    }
  }),
);

test("[EN49] a variable rate keeps every picture at its time, NTSC every frame in its place", options, () =>
  inFolder(async (folder) => {
    const ramp = (rate: string) =>
      `-f lavfi -t 2 -i color=s=128x96:r=${rate},format=yuv420p,geq=lum=20+4*N:cb=128:cr=128`;
    await ffmpeg(
      folder,
      `${ramp("24")} -vf select=not(eq(mod(n\\,7)\\,3))*not(between(n\\,20\\,25)) -fps_mode vfr ${lossless} vfr.mkv`,
    );
    const made = await plain(folder, join(folder, "vfr.mkv"));
    assert.match(made.reasons, /variable frame rate/);
    assert.ok(Math.abs(made.frames - 48) <= 1, `${made.frames} frames`);
    let shownFrame = 0;
    for (let frame = 0; frame < 46; frame++) {
      if (frame % 7 !== 3 && (frame < 20 || frame > 25)) shownFrame = frame;
      const found = lumaOf(made, frame);
      assert.ok(Math.abs(found - (20 + 4 * shownFrame)) < 1.5, `frame ${frame} shows luma ${found}`);
    }
    await ffmpeg(folder, `${ramp("30000/1001")} ${lossless} -pix_fmt yuv420p ntsc.mkv`);
    const { prepared } = await prepare(join(folder, "ntsc.mkv"), join(folder, "work"));
    assert.deepEqual(prepared.reference.rate, { num: 30000, den: 1001 });
    const ntsc = await plain(folder, join(folder, "ntsc.mkv"));
    assert.equal(ntsc.frames, 60);
    for (const frame of [0, 30, 53]) assert.ok(Math.abs(lumaOf(ntsc, frame) - (20 + 4 * frame)) < 1.5);
  }),
);
