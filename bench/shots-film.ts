// A film with known cuts that ffmpeg draws from nothing: what looks like a cut and is none, what is one and hardly looks
// so, and transitions. It stands beside annotated films: it can be made everywhere, and its truth is by construction.
import type { Transition } from "#encode/shots-gradual.ts";
import type { KnownCuts } from "#encode/shots-match.ts";

interface Part {
  readonly what: string;
  readonly frames: number;
  /** An ffmpeg source graph. */
  readonly picture: string;
  /** No cut where this part begins. */
  readonly joined?: true;
  /** Relative to the part. */
  readonly transitions?: readonly Transition[];
}

export const shotsFilmRate = 25;
const box = `s=320x180:r=${shotsFilmRate}`;
const bars = `testsrc2=${box}`;
const zoom = `mandelbrot=${box}:maxiter=200`;
/** A still picture four times as wide, for a camera to move over. */
const wide = `mandelbrot=s=1280x720:r=${shotsFilmRate}:maxiter=400:start_scale=0.3,select='eq(n,0)',loop=-1:1,setpts=N/25/TB`;
const white = "drawbox=t=fill:color=white";
// Without movement: where it moves, `gradients` is drawn by several threads that disagree from run to run.
const dark = (c0: string, c1: string, way: string): string =>
  `gradients=${box}:c0=${c0}:c1=${c1}:n=2:seed=1:${way}:speed=0.00001`;
const downRight = "x0=0:y0=0:x1=319:y1=179";
const upRight = "x0=0:y0=179:x1=319:y1=0";
const overlay = "drawbox=x=0:y=0:w=iw:h=80:t=fill:color=gray,drawbox=x=20:y=10:w=60:h=60:t=fill:color=white";

const parts: readonly Part[] = [
  { what: "start marker, one frame", frames: 60, picture: `${bars},${white}:enable='eq(n,0)'` },
  { what: "zoom", frames: 60, picture: zoom },
  {
    what: "flashes of one frame and of three",
    frames: 70,
    picture: `smptehdbars=${box},scroll=h=0.003,${white}:enable='eq(n,25)+between(n,40,42)'`,
  },
  {
    what: "flash that dies away",
    frames: 60,
    picture: `${bars},hue=h=120,eq=brightness='if(between(n,30,35),0.9-0.16*(n-30),0)':eval=frame`,
  },
  { what: "strobe", frames: 64, picture: `${zoom},negate=enable='lt(mod(n,8),4)'` },
  {
    what: "whip pan between two holds",
    frames: 90,
    picture: `${wide},crop=320:180:x='if(lt(n,25),0,min(960,(n-25)*24))':y=200`,
  },
  {
    what: "handheld",
    frames: 50,
    picture: `${wide},hflip,crop=320:180:x='400+60*sin(n*1.3)':y='300+40*sin(n)'`,
  },
  {
    what: "dissolve of 12 frames",
    frames: 112,
    picture: `${bars},format=yuv420p[a];${zoom},hflip,format=yuv420p[b];[a][b]xfade=duration=0.48:offset=2`,
    transitions: [{ from: 50, to: 62 }],
  },
  {
    what: "fade to black, fade from black",
    frames: 120,
    picture: `smptebars=${box},vflip,scroll=h=0.004,fade=out:s=40:n=15,trim=end_frame=60[a];${bars},hue=h=90,fade=in:s=0:n=15[b];[a][b]concat`,
    transitions: [
      { from: 39, to: 55 },
      { from: 60, to: 75 },
    ],
  },
  {
    what: "grain in the dark",
    frames: 50,
    picture: `${dark("0x05070C", "0x303a50", downRight)},noise=alls=30:allf=t:all_seed=3`,
  },
  {
    what: "dark picture under an overlay",
    frames: 50,
    picture: `${dark("0x101010", "0x404040", downRight)},${overlay}`,
  },
  {
    what: "another under the same overlay",
    frames: 50,
    picture: `${dark("0x606060", "0x202020", upRight)},${overlay}`,
  },
  { what: "before a shot too short", frames: 50, picture: bars },
  // Five frames resemble what follows more than what went before: only the cut before them is wanted.
  { what: "five frames", frames: 5, picture: `${zoom}:start_scale=0.2,eq=contrast=0.6` },
  { what: "after it", frames: 50, joined: true, picture: `${zoom}:start_scale=0.2,vflip` },
];

export function shotsFilmTruth(): KnownCuts & { readonly frames: number } {
  const cuts: number[] = [];
  const transitions: Transition[] = [];
  let start = 0;
  for (const part of parts) {
    if (start > 0 && part.joined === undefined) cuts.push(start);
    for (const { from, to } of part.transitions ?? [])
      transitions.push({ from: start + from, to: start + to });
    start += part.frames;
  }
  return { cuts, transitions, frames: start };
}

/** The whole film in one run of ffmpeg. */
export function shotsFilmArgs(output: string): readonly string[] {
  const inputs = parts.flatMap(({ picture }) => ["-f", "lavfi", "-i", picture]);
  const chains = parts.map(
    ({ frames }, index) =>
      `[${index}:v]trim=end_frame=${frames},scale=320:180,setsar=1,format=yuv420p,setpts=N/${shotsFilmRate}/TB[v${index}]`,
  );
  const join = `${parts.map((_, index) => `[v${index}]`).join("")}concat=n=${parts.length},settb=1/${shotsFilmRate},setpts=N[v]`;
  return [
    ...["-nostdin", "-hide_banner", "-v", "error", "-y", ...inputs],
    ...["-filter_complex", [...chains, join].join(";"), "-map", "[v]", "-fps_mode", "passthrough"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-g", "50", "-flags", "+cgop"],
    ...["-fflags", "+bitexact", "-f", "mp4", output],
  ];
}
