// Claim: what optimising costs. One minute of 540 lines becomes a playable four-rung HLS and DASH package within 200 s on
// two cores, VMAF included; beside it one plain ffmpeg job makes the same four rungs at the same mean rates.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { encodeFilm } from "#encode/io/encode-film.ts";
import { encodeSettings } from "#encode/settings.ts";
import { removeTree } from "#io/files.ts";
import { run } from "#io/process.ts";
import type { Tools } from "#io/tools.ts";
import { packTitle } from "#pack/io/pack-title.ts";
import { titleId } from "#units/id.ts";
import { milliseconds } from "#units/quantity.ts";
import type { EncodeReport } from "#wire/encode-report.ts";
import type { BenchResult } from "./bench.ts";
import { clipsHere, signal, toolsHere } from "./encode-clips.ts";

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

const qualities = [45, 65, 82, 94];

export async function benchPrice(quick: boolean): Promise<BenchResult> {
  const tools = await toolsHere();
  const clips = await clipsHere(tools);
  const folder = await mkdtemp(join(tmpdir(), "millrace-price-"));
  try {
    const seconds = quick ? 12 : 60;
    const film = await minuteOf(clips.at(-1)?.path ?? "", seconds, folder);
    const { ours, report } = await optimised(film, folder, tools);
    const plain = await plainJob(film, report, folder);
    const row = (what: string, cost: Cost, aim: string) => ({
      what,
      wallSeconds: cost.wall.toFixed(1),
      cpuSeconds: cost.cpu.toFixed(1),
      aim,
    });
    const stages = (report.stages ?? []).map((stage) =>
      row(`  of which ${stage.name}`, { wall: stage.wallSeconds, cpu: stage.cpuSeconds }, ""),
    );
    return {
      claim: `a ${seconds} s film of 540 lines, from the file to HLS and DASH`,
      rows: [
        row("one plain ffmpeg job of the same rungs (reference)", plain, ""),
        row(
          `millrace encode, standard, ${report.ladder.length} rungs, VMAF`,
          ours,
          quick ? "" : "≤ 200 s on the wall",
        ),
        ...stages,
        {
          what: "ratio",
          wallSeconds: (ours.wall / plain.wall).toFixed(1),
          cpuSeconds: (ours.cpu / plain.cpu).toFixed(1),
          aim: "",
        },
      ],
    };
  } finally {
    await removeTree(folder);
  }
}

/** The clip over and over, as a nearly lossless film of 960×540. */
async function minuteOf(clip: string, seconds: number, folder: string): Promise<string> {
  const film = join(folder, "film.mp4");
  const filters =
    "scale=960:540:force_original_aspect_ratio=decrease,pad=960:540:-1:-1,setsar=1,format=yuv420p";
  const argv = [
    ...["-nostdin", "-v", "error", "-stream_loop", "-1", "-i", clip, "-t", `${seconds}`],
    ...["-vf", filters, "-r", "25", "-c:v", "libx264", "-preset", "veryfast", "-crf", "12", "-g", "50"],
    ...["-flags", "+cgop", "-c:a", "aac", film],
  ];
  await run({ argv: ["ffmpeg", ...argv], signal, deadline: milliseconds(600_000) });
  return film;
}

async function optimised(
  film: string,
  folder: string,
  tools: Tools,
): Promise<{ readonly ours: Cost; readonly report: EncodeReport }> {
  const begun = performance.now();
  const own = process.cpuUsage();
  const { film: encoded, report } = await encodeFilm({
    ...{ film, workDir: join(folder, "work"), effort: "standard", tools, signal },
    ...{ settings: defaultsOf(encodeSettings), onEvent: () => undefined },
    ladder: { kind: "qualities", targets: qualities },
  });
  await packTitle({ film: encoded, titleId: titleId("price"), outDir: join(folder, "package"), signal });
  const spent = process.cpuUsage(own);
  const cpu = report.cpuSeconds + (spent.user + spent.system) / 1e6;
  return { ours: { wall: (performance.now() - begun) / 1000, cpu }, report };
}

/** What a service without an optimiser would run: all rungs by one ffmpeg, at mean rates. */
async function plainJob(film: string, report: EncodeReport, folder: string): Promise<Cost> {
  const outputs = report.ladder.flatMap(({ id, width, height, bitrateBps }) => [
    ...["-map", "0:v", "-vf", `scale=${width}:${height}`, "-c:v", "libx264", "-preset", "veryfast"],
    ...["-b:v", `${Math.round(bitrateBps)}`, "-g", "50", join(folder, `${id}.mp4`)],
  ]);
  const sound = ["-map", "0:a?", "-c:a", "aac", "-b:a", "128k", join(folder, "sound.m4a")];
  const begun = performance.now();
  const argv = ["-nostdin", "-benchmark", "-v", "info", "-y", "-i", film, ...outputs, ...sound];
  const done = await run({ argv: ["ffmpeg", ...argv], signal, deadline: milliseconds(1_200_000) });
  const found = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(done.stderr);
  const cpu = Number(found?.[1] ?? Number.NaN) + Number(found?.[2] ?? Number.NaN);
  return { wall: (performance.now() - begun) / 1000, cpu };
}
