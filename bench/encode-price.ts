// Claim: what optimising costs. One minute of 540 lines becomes a playable four-rung HLS and DASH package within 200 s on
// two cores, VMAF included; beside it one plain ffmpeg job makes the same four rungs at the same mean rates.
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { removeTree } from "#io/files.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { type EncodeReport, encodeReport } from "#wire/encode-report.ts";
import type { BenchResult } from "./bench.ts";
import { clipsHere, signal, toolsHere } from "./encode-clips.ts";

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

const qualities = [45, 65, 82, 94];

/** None of them was run beside this one. Source: research, encoding §8. */
const others = [
  "by their own documents, not run here:",
  "av1an: splits at scenes, looks for a CRF per chunk that meets one target quality, by default in at most 4 probes, the later ones interpolated; chunks share no slope, no hulls, no ladder",
  "ab-av1: looks for one CRF of the whole film on samples until a least VMAF (or XPSNR) is met; one encode, no ladder",
  "viser: per-title and per-shot hulls, the slope by bisection; encodes rungs, does not package them as HLS or DASH",
];

export async function benchPrice(quick: boolean): Promise<BenchResult> {
  const tools = await toolsHere();
  const clips = await clipsHere(tools);
  const folder = await mkdtemp(join(tmpdir(), "millrace-price-"));
  try {
    const seconds = quick ? 12 : 60;
    const film = await minuteOf(clips.at(-1)?.path ?? "", seconds, folder);
    const { ours, report } = await optimised(film, folder);
    const plain = await plainJob(film, report, folder);
    const row = (what: string, cost: Cost, atMost?: number) => ({
      what,
      wallSeconds: Number(cost.wall.toFixed(1)),
      cpuSeconds: Number(cost.cpu.toFixed(1)),
      atMost: atMost ?? "",
      holds: atMost === undefined ? "" : cost.wall <= atMost ? "yes" : "no",
    });
    const stages = (report.stages ?? []).map((stage) =>
      row(`  of which ${stage.name}`, { wall: stage.wallSeconds, cpu: stage.cpuSeconds }),
    );
    const rungs = report.ladder.length;
    const ratio = { wall: ours.wall / plain.wall, cpu: ours.cpu / plain.cpu };
    return {
      claim: `a ${seconds} s film of 540 lines, from the file to HLS and DASH`,
      rows: [
        row("one plain ffmpeg job of the same rungs (reference)", plain),
        row(`millrace encode, standard, ${rungs} rungs, VMAF`, ours, quick ? undefined : 200),
        ...stages,
        row("ratio", ratio),
      ],
      notes: others,
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

/** The command as anyone runs it: three rates of sound, pictures of the shots, report, ffprobe's second opinion. */
async function optimised(
  film: string,
  folder: string,
): Promise<{ readonly ours: Cost; readonly report: EncodeReport }> {
  const out = join(folder, "out");
  const wish = ["--out", out, "--qualities", qualities.join(",")];
  const ours = await timed([process.execPath, resolve("src/bin/millrace.ts"), "encode", film, ...wish]);
  const report = encodeReport.parse(JSON.parse(await readFile(join(out, "report.json"), "utf8")));
  // What runs inside walls of its own is not among the children that the shell waited for; the report counts it.
  return { ours: { ...ours, cpu: ours.cpu + report.cpuSeconds }, report };
}

/** What a service without an optimiser would run: all rungs by one ffmpeg, at mean rates. */
async function plainJob(film: string, report: EncodeReport, folder: string): Promise<Cost> {
  const outputs = report.ladder.flatMap(({ id, width, height, bitrateBps }) => [
    ...["-map", "0:v", "-vf", `scale=${width}:${height}`, "-c:v", "libx264", "-preset", "veryfast"],
    ...["-b:v", `${Math.round(bitrateBps)}`, "-g", "50", join(folder, `${id}.mp4`)],
  ]);
  const sound = ["-map", "0:a?", "-c:a", "aac", "-b:a", "128k", join(folder, "sound.m4a")];
  return timed(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", film, ...outputs, ...sound]);
}

/** Seconds on the wall, and of processors by the program and all that it started and waited for. */
async function timed(argv: readonly string[]): Promise<Cost> {
  const clock = ["bash", "-c", 'TIMEFORMAT="spent %R %U %S"; time "$@"', "bash"] as const;
  const done = await run({ argv: [...clock, ...argv], signal, deadline: milliseconds(1_800_000) });
  const [, wall, user, system] = /spent ([\d.]+) ([\d.]+) ([\d.]+)\s*$/.exec(done.stderr) ?? [];
  return { wall: Number(wall), cpu: Number(user) + Number(system) };
}
