// Films whose colours need mending, checked in real pixels: HDR, gamuts and matrices, depth and range.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { makeThumbnails } from "#encode/io/side-files.ts";
import { ffmpeg, inFolder } from "./encode-films.ts";
import {
  bent,
  type Colour,
  colourAt,
  encoded,
  type Pixels,
  pixelsOf,
  plain,
  pq,
  stripes,
  weights,
  widened,
  withEntryBox,
} from "./encode-pixels.ts";
import { isRefused, options, order, prepare, settings } from "./encode-run.ts";

const lossless = "-c:v libx264 -preset ultrafast -qp 0";
const tags = (space: string, primaries: string, transfer: string): string =>
  `-colorspace ${space} -color_primaries ${primaries} -color_trc ${transfer}`;
const hevc = (transfer: string): string =>
  `-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params lossless=1:log-level=0:transfer=${transfer}:colorprim=bt2020:colormatrix=bt2020nc`;
const bt709Tags = "tv,bt709,bt709,bt709";

function near(found: Colour, wanted: Colour, tolerance: number, what: string): void {
  for (const plane of [0, 1, 2] as const) {
    const [is, should] = [found[plane], wanted[plane]];
    assert.ok(Math.abs(is - should) <= tolerance, `${what}, plane ${plane}: ${is} instead of ${should}`);
  }
}

const knee = 0.3;
const peak = 1000 / 203;

/** BT.709 numbers of light given in parts of 203 cd/m²: bent by its brightest part, then BT.1886's gamma. */
function shown(light: readonly [number, number, number]): Colour {
  const brightest = Math.max(...light);
  const signal = (part: number): number =>
    Math.min(1, Math.max(0, (part * bent(brightest, knee, peak)) / brightest)) ** (1 / 2.4);
  return encoded([signal(light[0]), signal(light[1]), signal(light[2])], weights.bt709);
}

test("[EN45] PQ is tone-mapped: greys and colours come out as the formulas say, tagged BT.709", options, () =>
  inFolder(async (folder) => {
    const lights: readonly (readonly [number, number, number])[] = [
      ...([
        [0.2, 0.2, 0.2],
        [1, 1, 1],
        [4, 4, 4],
      ] as const),
      ...([
        [0.5, 0.02, 0.02],
        [0.1, 0.9, 0.1],
        [0.05, 0.1, 1.5],
      ] as const),
    ];
    const codes = lights.map((light) => {
      const [r, g, b] = widened(light);
      return encoded([pq(r * 203), pq(g * 203), pq(b * 203)], weights.bt2020, 10);
    });
    const film = await stripes(folder, "pq.mp4", codes, { format: "yuv444p10le", coding: hevc("smpte2084") });
    const made = await plain(folder, film);
    assert.match(made.reasons, /HDR \(smpte2084\) tone-mapped to SDR, from 1000 cd\/m²/);
    assert.equal(made.tags, bt709Tags);
    for (const [index, light] of lights.entries())
      near(colourAt(made, 1, (index + 0.5) / lights.length, 0.5), shown(light), 2.5, `light ${light}`);
  }),
);

test(
  "[EN45] HLG: its reference white comes out as PQ's does; refused where that is set; Dolby Vision 5 is refused",
  options,
  () =>
    inFolder(async (folder) => {
      const grey = (signal: number): Colour => [64 + 876 * signal, 512, 512];
      const film = await stripes(folder, "hlg.mp4", [grey(0), grey(0.75), grey(1)], {
        ...{ format: "yuv420p10le", coding: hevc("arib-std-b67") },
      });
      const made = await plain(folder, film);
      near(colourAt(made, 1, 0.2, 0.5), [16, 128, 128], 1, "black");
      // BT.2408: 75 % of HLG is 203 cd/m² on a display of 1000.
      near(colourAt(made, 1, 0.5, 0.5), shown([1, 1, 1]), 2, "reference white");
      near(colourAt(made, 1, 0.8, 0.5), [235, 128, 128], 1, "peak");
      const refusing = order(film, join(folder, "no"), { settings: { ...settings, hdr: "refuse" } });
      await assert.rejects(
        encodeFilm(refusing),
        /hlg\.mp4 is HDR \(arib-std-b67\), and MILLRACE_ENCODE_HDR refuses/,
      );
      // dvcC: version 1.0, profile 5, level 1, RPU and base layer, compatibility 0.
      const dolby = Uint8Array.of(
        0,
        0,
        0,
        32,
        ...Buffer.from("dvcC"),
        1,
        0,
        10,
        13,
        0,
        ...new Uint8Array(19),
      );
      await withEntryBox(film, "hev1", dolby);
      await isRefused(
        film,
        join(folder, "none"),
        "film-dolby-vision",
        /hlg\.mp4 is Dolby Vision profile 5 without a base/,
      );
    }),
);

const bars = (
  [
    [0.75, 0, 0],
    [0, 0.75, 0],
    [0, 0, 0.75],
    [0.75, 0.75, 0],
    [0.5, 0.5, 0.5],
  ] as const
).map((rgb) => rgb);

/** Inside BT.709: at its very edge a tenth of a code is a visible step. */
const softBars = bars.map(([r, g, b]): readonly [number, number, number] => [
  0.25 + r / 2,
  0.25 + g / 2,
  0.25 + b / 2,
]);

function assertBars(made: Pixels, wanted: readonly Colour[], tolerance: number): void {
  for (const [index, colour] of wanted.entries())
    near(colourAt(made, 1, (index + 0.5) / wanted.length, 0.5), colour, tolerance, `bar ${index}`);
}

test(
  "[EN46] bars in BT.601 become BT.709 in an HD picture and stay what they are in a smaller one",
  options,
  () =>
    inFolder(async (folder) => {
      const codes = bars.map((rgb) => encoded(rgb, weights.bt601));
      const coding = `${lossless} -pix_fmt yuv420p ${tags("smpte170m", "bt709", "bt709")}`;
      const hd = await stripes(folder, "hd.mp4", codes, { size: [1280, 720], format: "yuv420p", coding });
      const large = await plain(folder, hd);
      assert.match(large.reasons, /colours of smpte170m and bt709 made BT\.709/);
      assert.equal(large.tags, bt709Tags);
      assertBars(
        large,
        bars.map((rgb) => encoded(rgb, weights.bt709)),
        1.5,
      );
      const sd = await stripes(folder, "sd.mp4", codes, { format: "yuv420p", coding });
      const small = await plain(folder, sd);
      assert.equal(small.reasons, "");
      assertBars(small, codes, 0.6);
    }),
);

test("[EN46] SDR in BT.2020 becomes BT.709; RGB becomes BT.709 in limited range", options, () =>
  inFolder(async (folder) => {
    const codes = softBars.map((rgb) => {
      const [r, g, b] = widened([rgb[0] ** 2.4, rgb[1] ** 2.4, rgb[2] ** 2.4]);
      return encoded([r ** (1 / 2.4), g ** (1 / 2.4), b ** (1 / 2.4)], weights.bt2020, 10);
    });
    const wide = await stripes(folder, "wide.mp4", codes, {
      format: "yuv444p10le",
      coding: hevc("bt2020-10"),
    });
    const made = await plain(folder, wide);
    assert.match(made.reasons, /colours of bt2020nc and bt2020 made BT\.709/);
    assert.equal(made.tags, bt709Tags);
    assertBars(
      made,
      softBars.map((rgb) => encoded(rgb, weights.bt709)),
      1.5,
    );
    const rgb = await stripes(
      folder,
      "rgb.mkv",
      bars.map(([r, g, b]): Colour => [r * 255, g * 255, b * 255]),
      {
        ...{ format: "gbrp", coding: "-c:v ffv1 -pix_fmt gbrp" },
      },
    );
    const drawn = await plain(folder, rgb);
    assert.equal(drawn.tags, bt709Tags);
    assertBars(
      drawn,
      bars.map((colour) => encoded(colour, weights.bt709)),
      2,
    );
    const strange = await stripes(folder, "strange.mp4", codes, {
      ...{ format: "yuv420p", coding: `${lossless} ${tags("bt709", "bt709", "log100")}` },
    });
    await isRefused(
      strange,
      join(folder, "none"),
      "film-colours",
      /strange\.mp4 says its colours are .*log100/,
    );
  }),
);

test("[EN46] poster and pictures of the seek bar are JPEG's BT.601 in full range", options, () =>
  inFolder(async (folder) => {
    const codes = bars.map((rgb) => encoded(rgb, weights.bt709));
    const coding = `${lossless} -pix_fmt yuv420p ${tags("bt709", "bt709", "bt709")}`;
    const film = await stripes(folder, "film.mp4", codes, { size: [320, 192], format: "yuv420p", coding });
    const { prepared, bench } = await prepare(film, join(folder, "work"));
    const { poster, sheets } = await makeThumbnails(prepared.reference, prepared.key, 3, 0, bench);
    const full = (rgb: (typeof bars)[number]): Colour => {
      const [y, u, v] = encoded(rgb, weights.bt601);
      return [((y - 16) * 255) / 219, 128 + ((u - 128) * 255) / 224, 128 + ((v - 128) * 255) / 224];
    };
    assertBars(await repeated(folder, poster, 320, 192), bars.map(full), 4);
    const sheet = await repeated(folder, sheets[0] ?? "", 1600, 96);
    near(colourAt(sheet, 1, 0.01, 0.5), full(bars[0] ?? assert.fail()), 4, "first bar of the first tile");
  }),
);

/** A JPEG as two frames, undone from full range by nothing. */
async function repeated(folder: string, path: string, width: number, height: number): Promise<Pixels> {
  await ffmpeg(folder, `-loop 1 -i ${path} -frames:v 2 -f rawvideo -pix_fmt yuvj420p jpeg.yuv`);
  await ffmpeg(folder, `-f rawvideo -pix_fmt yuv420p -s ${width}x${height} -i jpeg.yuv -c:v ffv1 jpeg.mkv`);
  return pixelsOf(folder, join(folder, "jpeg.mkv"), width, height);
}

test("[EN47] ten bits are dithered, full range and finer chroma brought to limited 4:2:0", options, () =>
  inFolder(async (folder) => {
    const half = await stripes(
      folder,
      "ten.mkv",
      [
        [402, 514, 510],
        [401, 512, 512],
        [403, 512, 512],
      ],
      {
        ...{ format: "yuv422p10le", coding: "-c:v ffv1 -pix_fmt yuv422p10le" },
      },
    );
    const made = await plain(folder, half);
    assert.match(made.reasons, /pixel format yuv422p10le/);
    const means = [0, 1, 2].map((stripe) => meanLuma(made, stripe / 3 + 0.02, stripe / 3 + 0.31));
    for (const [index, wanted] of [100.5, 100.25, 100.75].entries())
      assert.ok(Math.abs((means[index] ?? 0) - wanted) < 0.13, `${means[index]} instead of ${wanted}`);
    const full = await stripes(
      folder,
      "full.mp4",
      [
        [0, 128, 128],
        [255, 128, 128],
        [128, 60, 200],
      ],
      {
        ...{ format: "yuv444p", coding: `${lossless} -pix_fmt yuv444p -color_range pc` },
      },
    );
    const limited = await plain(folder, full);
    assert.match(limited.reasons, /full-range/);
    assert.match(limited.tags, /^tv/);
    near(colourAt(limited, 1, 1 / 6, 0.5), [16, 128, 128], 1, "black");
    near(colourAt(limited, 1, 3 / 6, 0.5), [235, 128, 128], 1, "white");
    const squeezed = (value: number): number => 128 + ((value - 128) * 224) / 255;
    near(
      colourAt(limited, 1, 5 / 6, 0.5),
      [16 + (128 * 219) / 255, squeezed(60), squeezed(200)],
      1.5,
      "colour",
    );
  }),
);

function meanLuma({ width, height, bytes }: Pixels, from: number, to: number): number {
  let [sum, count] = [0, 0];
  for (let y = 0; y < height; y++)
    for (let x = Math.ceil(from * width); x < to * width; x++) {
      sum += bytes[y * width + x] ?? Number.NaN;
      count++;
    }
  return sum / count;
}
