import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { fullReport, plainReport } from "#test/fixtures/encode-report.ts";
import { pageTrouble } from "#test/fixtures/page-trouble.ts";
import { type EncodeReport, encodeReport, keptReport } from "#wire/encode-report.ts";
import { reportPage } from "./report-page.ts";
import { drawnShots, mostHulls } from "./report-page-hulls.ts";
import { pixelsPerSecond } from "./report-page-strip.ts";
import { darkColours, lightColours } from "./report-page-style.ts";
import { amountWords, changeWords, clockWords, rateWords, timeWords } from "./report-page-words.ts";

/** The page as a reader sees it: without its style and its marks. */
function wordsOf(page: string): string {
  return page
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
}

/** What a report of before these fields holds. */
function olderReport(): EncodeReport {
  const {
    baselines: _b,
    frontier: _f,
    bdRatesFrom: _r,
    economics: _e,
    stages: _s,
    intake: _i,
    ...report
  } = plainReport();
  const ladder = report.ladder.map(
    ({ points: _p, predicted: _q, measured: _m, shotBits: _t, ...rung }) => rung,
  );
  return encodeReport.parse(JSON.parse(JSON.stringify({ ...report, ladder })));
}

/** `UPDATE_GOLDEN=1` writes the file anew. */
test("[EN55] golden: the page of a small film with everything a report may hold", () => {
  const page = reportPage(fullReport({ shots: 3 }), { jpegBase64: "/9j/2Q==" });
  const path = new URL("../../test/golden/encode-report.html", import.meta.url);
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, page);
  assert.equal(page, readFileSync(path, "utf8"));
});

const reports: readonly (readonly [what: string, report: EncodeReport])[] = [
  ["everything", fullReport()],
  ["what the encoder writes", plainReport()],
  ["an older report", olderReport()],
  ["SSIM", plainReport({ metric: "ssim" })],
  ["one shot", fullReport({ shots: 1 })],
  ["one rung", { ...plainReport(), ladder: plainReport().ladder.slice(0, 1) }],
  ["nothing tried", { ...olderReport(), trials: [], hulls: [], ladder: [], fixedLadder: [], shots: [] }],
];

for (const [what, report] of reports) {
  test(`[EN58] the page is well-formed, asks for nothing, and has no hole: ${what}`, () => {
    const page = reportPage(report, { jpegBase64: "/9j/2Q==" });
    assert.deepEqual(pageTrouble(page), []);
    assert.ok(!/http|src=|<script|@import/i.test(page));
    assert.deepEqual(
      [...page.matchAll(/url\((.{0,22})/g)].map(([, target]) => target),
      ["data:image/jpeg;base64,".slice(0, 22)],
    );
    assert.doesNotMatch(wordsOf(page), /NaN|undefined|Infinity|null|\[object/);
    assert.doesNotMatch(page, /[ MLHV"]NaN|undefined/);
  });
}

test("[EN58] law: no text of a report becomes markup", () => {
  const signs = [
    "<",
    ">",
    "&",
    '"',
    "'",
    "</style>",
    "<script>",
    "url(http://x)",
    "\u202e",
    "\u0000",
    "é",
    "x",
  ];
  const hostile = fc
    .array(fc.constantFrom(...signs), { minLength: 1, maxLength: 8 })
    .map((list) => list.join(""));
  const plain = pageTrouble(reportPage(fullReport({ shots: 2 })));
  assert.deepEqual(plain, []);
  const elements = (page: string): number => page.split("<").length;
  fc.assert(
    fc.property(hostile, (text) => {
      const report = fullReport({ shots: 2, file: text });
      const marked: EncodeReport = {
        ...report,
        effort: text,
        metric: { ...report.metric, model: text, pooling: text },
        source: { ...report.source, sha256: text },
        intake: { mended: [text], leftOut: [text, text] },
        shots: report.shots.map((shot) => ({ ...shot, thumbnail: text })),
        ladder: report.ladder.map((rung) => ({ ...rung, id: text, codec: text })),
        baselines: report.baselines?.map((baseline) => ({ ...baseline, label: text })),
        stages: report.stages?.map((stage) => ({ ...stage, name: text })),
        economics: report.economics && {
          ...report.economics,
          prices: { ...report.economics.prices, currency: text },
          against: report.economics.against.map((saving) => ({ ...saving, label: text })),
        },
      };
      const page = reportPage(marked, { jpegBase64: text });
      assert.deepEqual(pageTrouble(page), []);
      const calm = reportPage({ ...marked, ...replaced(marked, text) });
      assert.equal(elements(page), elements(calm), "as many elements as with harmless text");
    }),
    { seed: 42, numRuns: 40 },
  );
});

/** The same report with the hostile text made harmless. */
function replaced(report: EncodeReport, text: string): EncodeReport {
  const harmless = (_: string, value: unknown): unknown => (value === text ? "y" : value);
  return encodeReport.parse(JSON.parse(JSON.stringify(report, harmless)));
}

test("[EN58] signs that turn writing around are not passed on", () => {
  const page = reportPage(plainReport({ file: "\u202egpj.4pm\u0007<script>.mp4" }));
  assert.ok(page.includes("<bdi>\ufffdgpj.4pm\ufffd&lt;script&gt;.mp4</bdi>"));
});

test("[EN58] of a film of 500 shots the page draws the 48 heaviest hulls and says where the others are", () => {
  const report = fullReport({ shots: 500 });
  const page = reportPage(report);
  assert.equal(page.split("Trials and hull of shot").length - 1, mostHulls);
  assert.match(wordsOf(page), /The other 452 shots are left out here; .* in report\.json beside this page/);
  assert.ok(page.length < 2e6, `${page.length} characters`);
  const drawn = new Set(drawnShots(report));
  const weight = report.hulls.map((_, shot) =>
    report.trials.reduce((sum, trial) => sum + (trial.shot === shot ? trial.bits : 0), 0),
  );
  const [least, most] = [
    Math.min(...weight.filter((_, shot) => drawn.has(shot))),
    Math.max(...weight.filter((_, shot) => !drawn.has(shot))),
  ];
  assert.ok(least >= most);
  assert.doesNotMatch(wordsOf(reportPage(fullReport({ shots: 48 }))), /left out here/);
});

test("[EN56] a fallback metric is never called VMAF, and VMAF comes with model, pooling and display", () => {
  const ssim = reportPage(plainReport({ metric: "ssim" }));
  assert.ok(!/vmaf/i.test(ssim));
  assert.match(wordsOf(ssim), /Quality is SSIM × 100: mean over every frame, both pictures at 640×360/);
  assert.match(
    wordsOf(reportPage(plainReport())),
    /Quality is VMAF, model vmaf_v0\.6\.1: mean over every third frame, both pictures at 640×360/,
  );
});

test("[EN112] a figure stands under `vmaf` only where it is one, and under `quality` always", () => {
  const keysOf = (metric: "vmaf" | "ssim"): ReadonlySet<string> => {
    const keys = new Set<string>();
    JSON.stringify(plainReport({ metric }), (key, value: unknown) => {
      keys.add(key);
      return value;
    });
    return keys;
  };
  assert.ok(keysOf("vmaf").has("vmaf"));
  assert.ok(!keysOf("ssim").has("vmaf"));
  const { ladder, fixedLadder, frontier = [], baselines = [] } = plainReport();
  const scored = [ladder, fixedLadder, frontier, baselines.flatMap(({ points }) => points)].flat();
  for (const { quality, vmaf } of scored) assert.equal(vmaf, quality);
});

test("[EN112] an older report's figures are read as quality, and SSIM is called VMAF no more", () => {
  for (const metric of ["vmaf", "ssim"] as const) {
    const today = plainReport({ metric });
    const older = JSON.parse(JSON.stringify(today), (_, value: unknown) => {
      if (typeof value !== "object" || value === null || "shot" in value || !("quality" in value))
        return value;
      const { quality, ...others } = value;
      return { ...others, vmaf: quality };
    });
    assert.equal(encodeReport.safeParse(older).success, false);
    assert.deepEqual(keptReport.parse(older), today);
  }
  assert.equal(keptReport.safeParse({ version: 1 }).success, false);
  assert.equal(keptReport.safeParse("no report").success, false);
});

test("[EN56] [EN115] the headline says against what, that it is predicted, and how to have it encoded", () => {
  const report = plainReport();
  const rates = { fixedLadder: -12.34, fixedCrfNative: null, perTitleHull: 0.5 };
  const words = wordsOf(reportPage({ ...report, bdRatePercent: rates }));
  assert.match(
    words,
    /−12\.3 % bits for the same quality, against Every height at CRF 26 : one recipe for every film; predicted from trials/,
  );
  assert.match(words, /\+0\.5 % bits for the same quality, against Per-title hull/);
  assert.match(
    words,
    /from this run&#39;s trials, .* not a measurement of the finished ladder\. With --baselines they are encoded/,
  );
  assert.match(words, /Fixed CRF not comparable 80\.0 .* full height at one CRF; 19 points, some predicted/);
});

test("[EN114] each rate says whether finished encodes or trials were compared; an older report says it of all", () => {
  const report = plainReport();
  const words = (origins: Pick<EncodeReport, "bdRatesFrom" | "bdRateFrom">): string =>
    wordsOf(reportPage({ ...report, ...rates, bdRatesFrom: undefined, ...origins }));
  const rates = { bdRatePercent: { fixedLadder: -12.3, fixedCrfNative: -9, perTitleHull: -3 } };
  const [trials, finished] = ["trials", "finished"] as const;
  const mixed = { fixedLadder: trials, fixedCrfNative: finished, perTitleHull: finished };
  for (const said of [words({ bdRatesFrom: mixed }), words({ bdRateFrom: finished })]) {
    assert.match(said, /−9\.0 % bits .*full height at one CRF; finished encodes/);
    assert.match(said, /−12\.3 % bits .*CRF 26 : .*; predicted from trials/);
    assert.match(
      said,
      /finished encodes on both sides, but against Every height at CRF 26 curves from this run&#39;s trials/,
    );
    assert.match(said, /Per-title hull −3\.0 %, finished encodes/);
  }
  const all = { fixedLadder: finished, fixedCrfNative: finished, perTitleHull: finished };
  assert.match(words({ bdRatesFrom: all }), /It compares finished encodes on both sides\./);
});

test("[EN55] what was not measured is not called so, and absent sections are left out", () => {
  const measured = plainReport();
  const weighed = { ...measured, ladder: measured.ladder.map(({ measured: _, ...rung }) => rung) };
  const plain = reportPage(weighed);
  assert.match(
    wordsOf(plain),
    /Bitrates are those of the finished pieces; quality is what the trials predict/,
  );
  assert.match(wordsOf(plain), /weighed but not scored/);
  assert.ok(!plain.includes("Segment peaks") && !plain.includes('id="economics"'));
  const older = reportPage(olderReport());
  for (const id of ["accuracy", "economics", "strip"]) assert.ok(!older.includes(`"#${id}"`), id);
  for (const id of ["curves", "ladder", "hulls", "work"]) assert.ok(older.includes(`"#${id}"`), id);
  const full = wordsOf(reportPage(fullReport()));
  assert.match(full, /Bitrate and quality are those of the finished pieces/);
  assert.match(full, /Segment peaks/);
});

test("[EN57] the page shows prices, formula and reservations beside the result", () => {
  const report = fullReport();
  const words = wordsOf(reportPage(report));
  assert.match(
    words,
    /MILLRACE_PRICE_EGRESS_GB 0\.02 EUR per GB .* MILLRACE_PRICE_CPU_HOUR 0\.04 EUR per hour/,
  );
  assert.match(
    words,
    /= \(encode cost of this ladder − encode cost of the baseline\) ÷ \(traffic saved per play/,
  );
  assert.match(words, /was not timed it counts as free/);
  assert.doesNotMatch(words, /lower bound/);
  const { economics } = report;
  assert.ok(economics !== undefined);
  const partly = wordsOf(reportPage({ ...report, economics: { ...economics, isWhole: false } }));
  assert.match(partly, /lower bound.* at least \d/);
});

test("[EN59] shots are as wide as they are long, and a film has whole rows, at most 24", () => {
  const shots = [
    { startFrame: 0, endFrame: 48 },
    { startFrame: 48, endFrame: 144 },
  ];
  const report = { ...plainReport(), shots };
  assert.equal(pixelsPerSecond({ ...report, source: { ...report.source, durationSeconds: 6 } }), 320 / 6);
  const six = fullReport({ shots: 6 });
  assert.equal(pixelsPerSecond(six) * six.source.durationSeconds, 880, "not 960, which is a row and a bit");
  const long = fullReport({ shots: 500 });
  assert.ok(pixelsPerSecond(long) * long.source.durationSeconds <= 24 * 880 + 1e-6);
  const page = reportPage(fullReport({ shots: 3 }));
  const widths = [...page.matchAll(/<li style="width:(\d+)px">/g)].map(([, width]) => Number(width));
  // 1.5, 2.5 and 3.5 s at 480 px in 7.5 s.
  assert.deepEqual(widths, [96, 160, 224]);
});

test("[EN59] pictures are there when the sheet is, and only when it is one", () => {
  const report = fullReport();
  const picture = /class="picture"/g;
  assert.equal(
    [...reportPage(report, { jpegBase64: "/9j/2Q==" }).matchAll(picture)].length,
    report.shots.length,
  );
  assert.equal([...reportPage(report).matchAll(picture)].length, 0);
  assert.ok(!reportPage(report, { jpegBase64: "x)}body{background:url(y" }).includes("url("));
});

test("[EN59] a bar is as high as its shot's share of the lane's dearest shot", () => {
  const report = fullReport({ shots: 2 });
  const [rung] = report.ladder;
  assert.ok(rung !== undefined);
  const seconds = report.shots.map((shot) => (shot.endFrame - shot.startFrame) / report.source.fps);
  const shotBits = [100_000 * (seconds[0] ?? 0), 50_000 * (seconds[1] ?? 0)];
  const page = reportPage({ ...report, ladder: [{ ...rung, shotBits }] });
  const heights = [...page.matchAll(/class="rung-1" d="M0 ([\d.]+)H\d+V([\d.]+)/g)].map(
    ([, top, base]) => Number(base) - Number(top),
  );
  assert.deepEqual(heights, [24, 12]);
});

/** Source: WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

for (const [name, colours] of Object.entries({ light: lightColours, dark: darkColours })) {
  test(`[EN58] words can be read and drawings seen in ${name}`, () => {
    const { ground, surface, ink, soft, accent, good, bad, strong, h1, h2, h3, h4, h5, h6 } = colours;
    for (const words of [ink, soft, accent, good, bad])
      for (const on of [ground, surface]) assert.ok(contrast(words, on) >= 4.5, `${words} on ${on}`);
    for (const drawn of [strong, h1, h2, h3, h4, h5, h6])
      assert.ok(contrast(drawn, surface) >= 3, `${drawn} on ${surface}: ${contrast(drawn, surface)}`);
  });
}

test("[EN58] every drawing that says something has a title, every table column and row a heading", () => {
  const page = reportPage(fullReport(), { jpegBase64: "/9j/2Q==" });
  const spoken = [...page.matchAll(/<svg [^>]*role="img"[^>]*>(<title>[^<]+<\/title>)?/g)];
  assert.ok(spoken.length > 20);
  assert.deepEqual(
    spoken.filter(([, title]) => title === undefined),
    [],
  );
  for (const [body = ""] of page.matchAll(/<tbody>[\s\S]*?<\/tbody>/g))
    for (const [row] of body.matchAll(/<tr>[\s\S]*?<\/tr>/g)) assert.match(row, /^<tr><th scope="row">/);
  assert.equal(page.split("<table>").length, page.split("<thead>").length);
});

test("[EN55] figures as words", () => {
  assert.deepEqual([8_449, 412_300, 1_240_000].map(rateWords), ["8.4 kbit/s", "412 kbit/s", "1.24 Mbit/s"]);
  assert.deepEqual([4.04, 59.97, 3725].map(timeWords), ["4.0 s", "1 min 00 s", "1 h 02 min"]);
  assert.deepEqual([0, 61.9, 3725].map(clockWords), ["0:00", "1:01", "1:02:05"]);
  assert.deepEqual(
    [-12.34, 0.04, -0.04, 3].map((value) => changeWords(value)),
    ["−12.3", "0.0", "0.0", "+3.0"],
  );
  assert.deepEqual([0.00001234, -1234.5].map(amountWords), ["0.0000123", "−1,230"]);
});

test("[EN83] the page says what was done to the film and what is left out, or that nothing was", () => {
  const words = wordsOf(reportPage(plainReport()));
  assert.match(words, /The film as it came .*Why: codec mpeg2video interlaced, top field first/);
  assert.match(words, /Left out: stream 2 \(hdmv_pgs_subtitle, de\): subtitles that are pictures, not text/);
  const plain = wordsOf(reportPage({ ...plainReport(), intake: { mended: [], leftOut: [] } }));
  assert.match(plain, /encoded as it was handed in\. Nothing of it is left out\./);
  assert.doesNotMatch(wordsOf(reportPage(olderReport())), /The film as it came|Left out/);
});
