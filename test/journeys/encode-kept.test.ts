// What is kept between runs: scores of another making are not taken for this run's, and another encoder is another encode.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { keepValue, keptValue } from "#encode/io/vault.ts";
import { buildParts } from "#io/build-id.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import { options, order, signal, tools } from "./encode-run.ts";

interface Scored {
  readonly metric: Readonly<Record<string, unknown>>;
  readonly scores: unknown;
}

test("[EN81] every kept score says how it was made; one that says otherwise is measured anew", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const more = { heights: [90], grid: "8", baselines: "wanted" } as const;
    const first = await encodeFilm(order(film, work, more));
    for (const [name, spoilt] of [
      ["trials", (kept: Scored) => ({ ...kept, metric: { ...kept.metric, subsample: 7 } })],
      ["scores", (kept: Scored) => kept.scores],
      ["baselines", (kept: Scored) => ({ ...kept, metric: { ...kept.metric, model: "another" } })],
    ] as const) {
      const files = (await readdir(join(work, name))).filter((file) => file.endsWith(".json"));
      assert.ok(files.length > 0, name);
      for (const file of files) {
        const kept = await scoredIn(join(work, name, file));
        assert.deepEqual(kept.metric, { ...first.report.metric }, `${name}/${file}`);
        // What would be believed if only the name of the file were.
        await keepValue(join(work, name, file), spoilt({ ...kept, scores: doubled(kept.scores) }));
      }
    }
    const again = await encodeFilm(order(film, work, more));
    assert.deepEqual(again.report.trials, first.report.trials);
    assert.deepEqual(again.report.ladder, first.report.ladder);
    const curves = ({ report }: typeof first) =>
      report.baselines?.map(({ name, points }) => ({ name, points }));
    assert.deepEqual(curves(again), curves(first));
    assert.equal(again.report.encodesRun, first.report.trials.length / first.report.shots.length);
  }),
);

test("[EN82] a library that was changed behind ffmpeg makes every encode anew", options, () =>
  inFolder(async (folder) => {
    const line = "-f lavfi -t 1 -i testsrc2=s=160x90:r=24 -c:v libx264 -flags +cgop -pix_fmt yuv420p t.mp4";
    await ffmpeg(folder, line);
    const { ffmpeg: program } = tools;
    assert.ok(program !== undefined);
    const encode = (build: string) => {
      const changed = { ...tools, ffmpeg: { ...program, build } };
      return encodeFilm(order(join(folder, "t.mp4"), join(folder, "work"), { grid: "8", tools: changed }));
    };
    const first = await encode(program.build);
    const same = await encode(program.build);
    const other = await encode("0123456789abcdef");
    assert.deepEqual([first.report.encodesReused, same.report.encodesRun], [0, 0]);
    assert.equal(other.report.encodesReused, 0);
    assert.deepEqual(other.report.ladder, first.report.ladder);
    const parts = await buildParts(program.path, signal);
    const isOneFile = parts.length === 1;
    assert.ok(isOneFile || parts.some((part) => part.startsWith("libx264.")), parts.join(", "));
  }),
);

async function scoredIn(path: string): Promise<Scored> {
  return JSON.parse(JSON.stringify(await keptValue(path)));
}

/** All its numbers twice as high. */
function doubled(scores: unknown): unknown {
  return JSON.parse(JSON.stringify(scores), (_, value) => (typeof value === "number" ? value * 2 : value));
}
