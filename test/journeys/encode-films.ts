// Small films for the encode journeys, drawn by ffmpeg: one good one, and one for each thing that may be wrong or odd.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { run } from "#io/process.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { milliseconds } from "#units/quantity.ts";

const { signal } = new AbortController();

/** The machine's programs; `why` says what is missing for these journeys. */
export async function toolsHere(): Promise<{ readonly tools: Tools; readonly why: string | false }> {
  const tools = await findTools(process.env.MILLRACE_HOME ?? "var", defaultsOf(programSettings), signal);
  const missing = [
    ...(tools.ffmpeg && tools.ffprobe ? [] : ["ffmpeg"]),
    ...(tools.bwrap ? [] : ["bubblewrap"]),
  ];
  return { tools, why: missing.length > 0 && `needs ${missing.join(" and ")}` };
}

export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-encode-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs ffmpeg in `folder`; text arguments may not hold spaces. */
export async function ffmpeg(folder: string, line: string): Promise<string> {
  const argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", ...line.split(" ")] as const;
  const done = await run({ argv, signal, deadline: milliseconds(240_000), cwd: folder });
  return done.stderr;
}

const h264 = "-c:v libx264 -preset ultrafast -crf 14 -pix_fmt yuv420p -flags +cgop -g 24";

/** Three shots of 48 frames at 24 frames/s, 320×180, with sound. Colours are given: a gradient's seed does not choose them, chance does. */
export async function goodFilm(
  folder: string,
  name: string,
  coding = `${h264} -movflags +faststart`,
): Promise<string> {
  const shots = [
    "-f lavfi -t 2 -i testsrc2=s=320x180:r=24",
    "-f lavfi -t 2 -i mandelbrot=s=320x180:r=24:maxiter=100",
    "-f lavfi -t 2 -i gradients=s=320x180:r=24:seed=4:speed=0.01:c0=navy:c1=orange",
    "-f lavfi -t 6 -i sine=f=330",
  ];
  const join3 =
    "-filter_complex [0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[2:v]format=yuv420p[c];[a][b][c]concat=n=3[v]";
  await ffmpeg(folder, `${shots.join(" ")} ${join3} -map [v] -map 3:a ${coding} -c:a aac ${name}`);
  return join(folder, name);
}

const moving = "-f lavfi -t 1.5 -i testsrc2=s=320x180:r=24";

/** Films that are odd but fine: how ffmpeg makes them, and what must come out. */
export const oddFilms: readonly {
  readonly what: string;
  readonly file: string;
  readonly make: string;
  readonly display: readonly [width: number, height: number];
  readonly frames: number;
  readonly rate?: string;
  readonly reason: RegExp;
}[] = [
  {
    what: "odd sides",
    file: "odd.mp4",
    make: `-f lavfi -t 1 -i testsrc2=s=322x182:r=24 -vf format=yuv444p,crop=321:181:0:0:exact=1 -c:v libx264 -preset ultrafast -pix_fmt yuv444p`,
    display: [322, 182],
    frames: 24,
    reason: /scaled/,
  },
  {
    what: "vertical",
    file: "vertical.mp4",
    make: `-f lavfi -t 1 -i testsrc2=s=180x320:r=24 ${h264}`,
    display: [180, 320],
    frames: 24,
    reason: /^$/,
  },
  {
    what: "a variable frame rate",
    file: "vfr.mkv",
    make: `${moving} -vf select='not(eq(mod(n,7),3))' -fps_mode vfr ${h264}`,
    display: [320, 180],
    frames: 36,
    reason: /variable/,
  },
  {
    what: "one frame",
    file: "one.mp4",
    make: `${moving} -frames:v 1 ${h264}`,
    display: [320, 180],
    frames: 1,
    reason: /^$/,
  },
  {
    what: "anamorphic pixels",
    file: "wide.mp4",
    make: `-f lavfi -t 1 -i testsrc2=s=240x180:r=25 -vf setsar=4/3 ${h264}`,
    display: [320, 180],
    frames: 25,
    rate: "25/1",
    reason: /square/,
  },
  {
    what: "ten bits",
    file: "ten.mkv",
    make: `-f lavfi -t 1 -i testsrc2=s=320x180:r=24 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params log-level=0`,
    display: [320, 180],
    frames: 24,
    reason: /yuv420p10le/,
  },
  {
    what: "interlace",
    file: "fields.ts",
    make: `-f lavfi -t 1 -i testsrc2=s=320x180:r=50 -vf tinterlace=interleave_top,setfield=tff -flags +ilme+ildct -c:v mpeg2video -b:v 3M`,
    display: [320, 180],
    frames: 25,
    rate: "25/1",
    reason: /interlaced/,
  },
  {
    what: "a late start",
    file: "late.mkv",
    make: `-itsoffset 0.4 ${moving} -f lavfi -t 2 -i sine -c:a aac ${h264}`,
    display: [320, 180],
    frames: 36,
    reason: /start at 0/,
  },
  {
    what: "open groups of pictures",
    file: "open.mkv",
    make: `${moving} -c:v libx264 -preset veryfast -pix_fmt yuv420p -x264-params open-gop=1:keyint=12:bframes=3`,
    display: [320, 180],
    frames: 36,
    reason: /across keyframes/,
  },
  {
    what: "NTSC in WebM",
    file: "ntsc.webm",
    make: `-f lavfi -t 1 -i testsrc2=s=320x180:r=30000/1001 -c:v libvpx -deadline realtime -cpu-used 8`,
    display: [320, 180],
    frames: 30,
    rate: "30000/1001",
    reason: /codec vp8/,
  },
];

/** A film turned by its display matrix, as telephones write it. */
export async function turnedFilm(folder: string): Promise<string> {
  await ffmpeg(folder, `-f lavfi -t 1 -i testsrc2=s=320x180:r=24 ${h264} upright.mp4`);
  await ffmpeg(folder, "-i upright.mp4 -c copy -metadata:s:v:0 rotate=90 turned.mp4");
  return join(folder, "turned.mp4");
}

/** A playlist under a film's name, with a real segment beside it that a careless reader would open. */
export async function playlistAsFilm(folder: string): Promise<string> {
  await ffmpeg(folder, `${moving} ${h264} -f mpegts segment.ts`);
  const path = join(folder, "evil.mp4");
  await writeFile(
    path,
    `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.5,\n${join(folder, "segment.ts")}\n#EXT-X-ENDLIST\n`,
  );
  return path;
}
