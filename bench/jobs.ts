// Claim: handing an encode out as jobs costs little beside the encode, and makes the very same files: one film encoded and packed
// by one process, then by one worker and by two over HTTP, all in this run.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { encodeFilm } from "#encode/io/encode-film.ts";
import type { TitlePackage } from "#model/package.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { ffmpeg } from "#test/journeys/encode-films.ts";
import { order, signal } from "#test/journeys/encode-run.ts";
import { addMaster, openJobs } from "#test/journeys/job-rig.ts";
import { titleId } from "#units/id.ts";
import type { BenchResult } from "./bench.ts";

const id = "bench";

export async function bench(quick: boolean): Promise<BenchResult> {
  const home = await mkdtemp(join(tmpdir(), "millrace-bench-"));
  try {
    const film = await drawn(home, quick ? 8 : 24);
    const alone = await timed(() => encodedAlone(film, home));
    const rows: Record<string, string | number>[] = [
      { who: "one process", seconds: alone.seconds, toOne: 1, jobs: 0, same: "reference" },
    ];
    for (const workers of [1, 2]) {
      const { seconds, value } = await byWorkers(film, join(home, `w${workers}`), workers);
      const same = value.hashes === alone.value ? "yes" : "no";
      const toOne = Number((seconds / alone.seconds).toFixed(2));
      rows.push({ who: `workers: ${workers}`, seconds, toOne, jobs: value.jobs, same });
    }
    return {
      claim: "wall seconds from the order to the title, beside one process that encodes and packs the film",
      rows,
      notes: [
        "One process works on two programs at a time (--jobs 2), a worker on one: one worker has half of its processors.",
        "Workers run already when the film is ordered. Control, database and workers share this machine.",
      ],
    };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Shots of two seconds that differ, 640×360. */
async function drawn(home: string, seconds: number): Promise<string> {
  const sources = ["testsrc2=s=640x360:r=24", "mandelbrot=s=640x360:r=24:maxiter=100"];
  const count = seconds / 2;
  const inputs = Array.from({ length: count }, (_, n) => `-f lavfi -t 2 -i ${sources[n % sources.length]}`);
  const labels = inputs.map((_, n) => `[${n}:v]format=yuv420p[v${n}]`);
  const joined = `${labels.join(";")};${inputs.map((_, n) => `[v${n}]`).join("")}concat=n=${count}[v]`;
  const sound = `-f lavfi -t ${seconds} -i sine=f=330`;
  const coding = "-c:v libx264 -preset ultrafast -crf 14 -pix_fmt yuv420p -flags +cgop -g 24 -c:a aac";
  await ffmpeg(
    home,
    `${inputs.join(" ")} ${sound} -filter_complex ${joined} -map [v] -map ${count}:a ${coding} film.mp4`,
  );
  return join(home, "film.mp4");
}

async function encodedAlone(film: string, home: string): Promise<string> {
  const wish = order(film, join(home, "alone"));
  const { film: encoded } = await encodeFilm({ ...wish, settings: { ...wish.settings, jobs: 2 } });
  const outDir = join(home, "package");
  return hashesOf(await packTitle({ film: encoded, titleId: titleId(id), outDir, signal }));
}

async function byWorkers(
  film: string,
  home: string,
  workers: number,
): Promise<{ readonly seconds: number; readonly value: { readonly hashes: string; readonly jobs: number } }> {
  await mkdir(home);
  const rig = await openJobs(home);
  try {
    await addMaster(rig, "m1", film);
    for (let count = 1; count <= workers; count++) rig.worker(`w${count}`);
    // They ask their programs for their versions first.
    await rest(6000);
    const { jobs, catalog } = rig.plane.stores;
    return await timed(async () => {
      await rig.control().enqueue({
        ...{ masterId: "m1", titleId: id, name: "Film", priority: 4, effort: "draft", codecs: ["h264"] },
        ...{ audio: "aac128", metric: "best", encrypt: false },
      });
      for (;;) {
        const title = await catalog.title(id);
        if (title !== undefined) {
          return { hashes: hashesOf(title.package), jobs: (await jobs.list({ limit: 1000 })).length };
        }
        await rest(50);
      }
    });
  } finally {
    await rig.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly seconds: number; readonly value: T }> {
  const begun = performance.now();
  const value = await work();
  return { seconds: Number(((performance.now() - begun) / 1000).toFixed(1)), value };
}

function hashesOf({ renditions }: TitlePackage): string {
  return renditions
    .flatMap(({ files }) => files.map(({ path, sha256 }) => `${sha256} ${path}`))
    .sort()
    .join("\n");
}
