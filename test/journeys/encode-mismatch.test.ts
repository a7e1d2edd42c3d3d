// Encoders that do not make what was ordered: the run stops in words, whatever the encode was for.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { codecs } from "#encode/codecs.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { makePieces } from "#encode/io/pieces.ts";
import { runTrials } from "#encode/io/trials.ts";
import { keepFile } from "#encode/io/vault.ts";
import { metricOf, ssim } from "#encode/measures.ts";
import { pieceOrders } from "#encode/rungs.ts";
import { planSegments } from "#encode/segment-plan.ts";
import { shotsFrom } from "#encode/shots.ts";
import { goodFilm, inFolder } from "./encode-films.ts";
import { keptFiles, options, order, prepare, settings, signal } from "./encode-run.ts";

const size = { width: 160, height: 90 };
const preset = codecs.h264.presets.draft;
const frames = 144;

test("[EN14] a trial of fewer frames than the plan is refused, and its figures are not kept", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const { prepared, bench } = await prepare(film, join(folder, "work"));
    const { reference, key } = prepared;
    const more = frames + 24;
    const shots = shotsFrom([48, 96], more);
    const trial = {
      ...({ codec: "h264", reference, referenceKey: key, frames: more, shots, preset } as const),
      plan: planSegments(shots, 4, reference.rate, more),
      ...{ measure: ssim, metric: metricOf(ssim, reference.display, 1), peakRatio: settings.peakRatio },
    };
    await assert.rejects(
      runTrials([{ ...size, crf: 30 }], trial, bench, () => undefined),
      {
        code: "encode-trial-mismatch",
        message: /at 90 lines, CRF 30, is not usable: wanted 72 frames from frame 96 on, found 48/,
      },
    );
    assert.deepEqual(await keptFiles(join(folder, "work/trials")), []);
  }),
);

test("[EN14] a piece of fewer frames than ordered is refused and not kept", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const { prepared, bench } = await prepare(film, join(folder, "work"));
    const shots = shotsFrom([48, 96], frames + 24);
    const rung = { codec: "h264", ...size, crf: [30, 30, 30] } as const;
    const { reference } = prepared;
    const plan = planSegments(shots, 4, reference.rate, frames + 24);
    const last = pieceOrders({ rung, preset, peak: 0 }, shots, plan, reference.rate).at(-1);
    assert.ok(last !== undefined);
    const path = join(folder, "pieces/last.mp4");
    await assert.rejects(makePieces([{ order: last, path }], reference, bench, signal), {
      code: "encode-piece-mismatch",
      message: /h264 160×90, frames 96–168, is not usable: wanted 72 frames from frame 96 on, found 48/,
    });
    assert.deepEqual(await keptFiles(join(folder, "pieces")), []);
  }),
);

test("[EN22] a rung whose pieces need different inits is not joined", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const more = { heights: [90], grid: "8" } as const;
    const { film: first } = await encodeFilm(order(film, work, more));
    const [lowest] = first.rungs;
    const kept = lowest?.pieces[1];
    assert.ok(lowest !== undefined && kept !== undefined);
    const { prepared, bench } = await prepare(film, work);
    const { reference } = prepared;
    const { rung } = lowest;
    // So many bits need a higher decoder level, which stands in the init. The picture's own bits stay as they were: a rung
    // that misses its target would be refined, perhaps by another piece in this one's place.
    const orders = pieceOrders({ rung, preset, peak: 50e6 }, first.shots, first.plan, reference.rate);
    const strange = orders.find(({ startFrame }) => startFrame === kept.startFrame);
    assert.ok(strange !== undefined);
    const path = join(folder, "pieces/strange.mp4");
    await makePieces([{ order: strange, path }], reference, bench, signal);
    await keepFile(path, kept.path, signal);
    await assert.rejects(encodeFilm(order(film, work, more)), {
      code: "encode-init-mismatch",
      message: /frame 48 differs from frame 0/,
    });
  }),
);
