// The sheet of the report's strip from a real film: right frames, made once, kept.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { benchOf } from "#encode/io/bench.ts";
import { makeShotSheet } from "#encode/io/shot-pictures.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { shotsFrom } from "#encode/shots.ts";
import { ffmpeg, goodFilm, inFolder } from "./encode-films.ts";
import { options, prepare, settings, signal, tools } from "./encode-run.ts";

test("[EN59] each tile is its shot's middle frame; the second time nothing is run", options, () =>
  inFolder(async (folder) => {
    const film = await goodFilm(folder, "film.mp4");
    const work = join(folder, "work");
    const { prepared } = await prepare(film, work);
    const shots = shotsFrom([48, 96], 144);
    const bench = benchOf(tools, await openWorkshop(tools, settings, signal), work, signal);
    const first = await makeShotSheet(prepared.reference, prepared.key, shots, bench);
    await writeFile(join(folder, "shots.jpg"), first.jpeg);
    assert.ok(first.jpeg.length < 40_000, `${first.jpeg.length} bytes`);
    for (const [index, { frame }] of first.pictures.tiles.entries()) {
      const graph = `[0:v]crop=160:90:${160 * index}:0,format=yuv420p[a];[1:v]select=eq(n\\,${frame}),scale=160:90:flags=area,format=yuv420p[b];[a][b]ssim=stats_file=${folder}/${index}.log`;
      await ffmpeg(folder, `-i shots.jpg -i film.mp4 -filter_complex ${graph} -frames:v 1 -f null -`);
      const similar = Number(/All:([\d.]+)/.exec(await readFile(join(folder, `${index}.log`), "utf8"))?.[1]);
      assert.ok(similar > 0.85, `tile ${index}: ${similar}`);
    }
    const idle = {
      ...bench.workshop,
      run: () => Promise.reject(new Error("the sheet was kept")),
    };
    const second = await makeShotSheet(prepared.reference, prepared.key, shots, { ...bench, workshop: idle });
    assert.deepEqual(second, first);
  }),
);
