// What is kept between runs: scores of another making are not taken for this run's, and another encoder is another encode.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { keepValue, keptValue } from "#encode/io/vault.ts";
import { goodFilm, inFolder } from "./encode-films.ts";
import { options, order } from "./encode-run.ts";

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

async function scoredIn(path: string): Promise<Scored> {
  return JSON.parse(JSON.stringify(await keptValue(path)));
}

/** All its numbers twice as high. */
function doubled(scores: unknown): unknown {
  return JSON.parse(JSON.stringify(scores), (_, value) => (typeof value === "number" ? value * 2 : value));
}
