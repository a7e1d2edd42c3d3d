// The film a first start shows: eight shots that ask very different things of an encoder, with a tone of their own.
// ffmpeg draws it from nothing, so nobody's rights are involved and every machine makes the same picture.

export interface SampleShot {
  readonly name: string;
  readonly seconds: number;
  /** An ffmpeg source graph; it is brought to size and rate afterwards. */
  readonly picture: string;
  /** Root of the shot's chord, hertz. */
  readonly tone: number;
}

export const sampleSize = { width: 640, height: 360 } as const;
export const sampleRate = 24;
export const sampleFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

const box = `s=${sampleSize.width}x${sampleSize.height}:r=${sampleRate}`;
/** A major chord with the octave, as ratios to its root. */
const chord = [1, 5 / 4, 3 / 2, 2];

/** Without a font the cards have bars where the words would be. */
export function sampleShots(font: string | undefined): readonly SampleShot[] {
  const words = (text: string, size: number, y: string, colour = "0xF2EFE6"): string =>
    font === undefined
      ? `drawbox=x=(iw-${text.length * size * 0.5})/2:y=ih*0.45:w=${text.length * size * 0.5}:h=${size / 4}:color=${colour}:t=fill`
      : `drawtext=fontfile=${font}:text='${text}':fontsize=${size}:fontcolor=${colour}:x=(w-tw)/2:y=${y}`;
  const still = (c0: string, c1: string): string =>
    `gradients=${box}:c0=${c0}:c1=${c1}:x0=0:y0=0:x1=640:y1=360:n=2:speed=0.00001`;
  const plate = font === undefined ? "" : ":box=1:boxcolor=0x0B1418@0.6:boxborderw=7";
  const caption = (text: string): string => words(text, 15, "h-36") + plate;
  const moon =
    font === undefined
      ? "drawbox=x=470:y=60:w=46:h=46:color=0xC9CFDA@0.5:t=fill"
      : `drawtext=fontfile=${font}:text='●':fontsize=72:fontcolor=0xC9CFDA@0.6:x=460:y=40`;
  return [
    {
      name: "title card",
      seconds: 3,
      picture: [
        still("0x0B2A33", "0x134E5A"),
        words("Millrace", 78, "(h-th)/2-24"),
        words("every shot gets the bits it needs", 19, "h/2+44", "0x9FD3C7"),
      ].join(","),
      tone: 196,
    },
    {
      name: "slow gradient",
      seconds: 3,
      picture: `gradients=${box}:c0=0xF4A259:c1=0x5B2A86:c2=0x2E86AB:n=3:seed=7:speed=0.012,${caption("a slow gradient")}`,
      tone: 220,
    },
    {
      name: "life",
      seconds: 3,
      picture: `life=s=160x90:r=${sampleRate}:seed=11:ratio=0.28:mold=24:life_color=0xFFD166:death_color=0x0A4D5C:mold_color=0x101820,scale=640:360:flags=neighbor,${caption("ten thousand cells")}`,
      tone: 262,
    },
    {
      name: "grain in the dark",
      seconds: 3,
      picture: `gradients=${box}:c0=0x05070C:c1=0x1A2130:n=2:x0=320:y0=0:x1=320:y1=360:speed=0.00001,format=yuv420p,${moon},gblur=sigma=3,noise=all_seed=5:c0s=16:c0f=t,vignette=PI/4,${caption("film grain in the dark")}`,
      tone: 147,
    },
    {
      name: "zoom",
      seconds: 3.5,
      picture: `mandelbrot=${box}:start_scale=0.06:end_scale=0.0008:end_pts=110:maxiter=700:start_x=-0.743643887:start_y=-0.131825904:inner=black,${caption("a zoom without end")}`,
      tone: 294,
    },
    {
      name: "animation",
      seconds: 2.5,
      picture: `testsrc2=${box},hue=s=0.75:H=t*0.6,${caption("moving shapes")}`,
      tone: 330,
    },
    {
      name: "weave",
      seconds: 3,
      picture: `nullsrc=s=320x180:r=${sampleRate},geq=lum='128+60*sin(X/9+T*5)+50*sin(Y/7-T*6+3*sin(X/31+T))':cb='128+40*sin(T*2+X/80)':cr='128+40*cos(T*1.5+Y/60)',scale=640:360:flags=bicubic,${caption("fast water")}`,
      tone: 247,
    },
    {
      name: "calm end",
      seconds: 3,
      picture: [
        `gradients=${box}:c0=0x134E5A:c1=0x0B2A33:c2=0x3C7A6B:n=3:seed=3:speed=0.006`,
        words("the fast channel that leads a stream", 22, "h/2-30"),
        words("to where it does its work", 22, "h/2+6"),
      ].join(","),
      tone: 196,
    },
  ];
}

/** The whole film in one run of ffmpeg: near-lossless picture that is quick to decode, stereo sound, index first. */
export function sampleFilmArgs(font: string | undefined, output: string): readonly string[] {
  const shots = sampleShots(font);
  const inputs = shots.flatMap(({ picture, seconds, tone }) => [
    ...["-f", "lavfi", "-t", `${seconds}`, "-i", picture],
    ...["-f", "lavfi", "-t", `${seconds}`, "-i", music(tone)],
  ]);
  const { width, height } = sampleSize;
  const shape = `scale=${width}:${height},setsar=1,fps=${sampleRate},format=yuv420p`;
  const chains = shots.flatMap(({ seconds }, shot) => [
    `[${2 * shot}:v]${shape}[v${shot}]`,
    `[${2 * shot + 1}:a]afade=t=in:d=0.03,afade=t=out:st=${seconds - 0.12}:d=0.12[a${shot}]`,
  ]);
  const join = `${shots.map((_, shot) => `[v${shot}][a${shot}]`).join("")}concat=n=${shots.length}:v=1:a=1[v][a]`;
  return [
    ...["-nostdin", "-hide_banner", "-v", "error", "-y", ...inputs],
    ...["-filter_complex", [...chains, join].join(";"), "-map", "[v]", "-map", "[a]"],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "10", "-tune", "fastdecode"],
    ...["-g", "48", "-flags", "+cgop"],
    ...["-c:a", "aac", "-b:a", "160k", "-ar", "48000", "-ac", "2"],
    ...["-movflags", "+faststart", "-fflags", "+bitexact", "-f", "mp4", output],
  ];
}

/** A plucked chord, four notes a second, spread a little between left and right. */
function music(root: number): string {
  const beat = "mod(t,0.25)";
  const pluck = `min(1,90*${beat})*exp(-7*${beat})`;
  const note = chord.reduceRight(
    (other, ratio, index) =>
      `if(eq(mod(floor(t*4),${chord.length}),${index}),${(root * ratio).toFixed(2)},${other})`,
    `${root}`,
  );
  const left = `0.22*${pluck}*sin(2*PI*${beat}*(${note}))+0.06*sin(2*PI*${root / 2}*t)`;
  const right = `0.18*${pluck}*sin(2*PI*${beat}*(${note})*1.003)+0.06*sin(2*PI*${root / 2}*t)`;
  return `aevalsrc=exprs='${left}|${right}':s=48000:c=stereo`;
}
