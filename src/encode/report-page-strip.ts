// The film from left to right: a picture per shot as wide as the shot is long, and under it what each rung spends on
// it. A bar's height is bits per second and its width is time, so its area is bits.

import { fixed } from "./report-page-axes.ts";
import type { PageReport, PageRung } from "./report-page-data.ts";
import { type Column, type Markup, markup, nothing, table } from "./report-page-markup.ts";
import { clockWords, extent, rateWords, timeWords } from "./report-page-words.ts";
import { type PicturePlace, placeOf } from "./shot-pictures.ts";

/** The sheet that `shots[].thumbnail` points into. */
export interface PictureSheet {
  readonly jpegBase64: string;
}

const pictureWidth = 160;
/** What a wide page has beside the names of the lanes, less the gaps. */
const rowPixels = 880;
const mostRows = 24;
const lane = { height: 24, gap: 4 } as const;
/** Narrower shots have no room for words. */
const numberPixels = 16;
const lengthPixels = 76;

interface Lane {
  readonly rung: PageRung;
  /** `bps[shot]`. */
  readonly bps: readonly number[];
  readonly most: number;
}

export function stripSection(report: PageReport, sheet: PictureSheet | undefined): Markup {
  const lanes = lanesOf(report);
  if (report.shots.length === 0 || lanes.length === 0) return nothing;
  const scale = pixelsPerSecond(report);
  const finished = report.ladder.every((rung) => rung.shotBits !== undefined);
  const source = finished ? "of the finished pieces" : "as the trials predict them";
  return markup`<section id="strip"><h2>The film, shot by shot</h2>
<p>Each shot is as wide as it is long. Under it, one lane per rung, dearest on top: the bar is the shot's bits per second, ${source}, so its area is bits. The line is the rung's mean. Each lane is drawn to its own dearest shot.</p>
<ul class="strip">
${laneNames(lanes)}${report.shots.map((_, shot) => cell(report, lanes, shot, scale, sheet))}</ul>
${laneTable(lanes)}
</section>`;
}

/** Dearest first, as the lanes are drawn. */
function lanesOf(report: PageReport): readonly Lane[] {
  const seconds = report.shots.map(({ startFrame, endFrame }) => (endFrame - startFrame) / report.source.fps);
  const lanes = report.ladder.flatMap((rung): readonly Lane[] => {
    const bits = rung.shotBits ?? rung.points?.map((point) => point.bits);
    if (bits === undefined || bits.length !== seconds.length) return [];
    const bps = bits.map((count, shot) => count / (seconds[shot] || 1));
    return [{ rung, bps, most: Math.max(1, extent(bps)[1]) }];
  });
  return lanes.reverse();
}

/**
 * So that a middling shot shows its whole picture, where that fills whole rows; a short film has no second row for one
 * shot's sake, and a long one has at most `mostRows`.
 */
export function pixelsPerSecond({ shots, source }: Pick<PageReport, "shots" | "source">): number {
  const wanted = pictureWidth * shots.length;
  const rows = Math.max(1, Math.min(mostRows, Math.round(wanted / rowPixels)));
  return Math.min(wanted, rows * rowPixels) / source.durationSeconds;
}

function cell(
  { shots, source, ladder }: PageReport,
  lanes: readonly Lane[],
  shot: number,
  scale: number,
  sheet: PictureSheet | undefined,
): Markup {
  const { startFrame = 0, endFrame = 0, thumbnail } = shots[shot] ?? {};
  const seconds = (endFrame - startFrame) / source.fps;
  const width = Math.max(2, Math.round(seconds * scale));
  const place = sheet === undefined || thumbnail === undefined ? undefined : placeOf(thumbnail);
  const rates = lanes.map(({ rung, bps }) => `${rung.id} ${rateWords(bps[shot] ?? 0)}`).join("; ");
  const words = `Shot ${shot + 1}, ${clockWords(startFrame / source.fps)}, ${timeWords(seconds)}: ${rates}`;
  const height = lanes.length * (lane.height + lane.gap);
  const number = width >= numberPixels ? String(shot + 1) : "";
  const length = width >= lengthPixels ? ` · ${timeWords(seconds)}` : "";
  return markup`<li style="width:${width}px">${picture(place, width, shot)}<svg viewBox="0 0 ${width} ${height}" style="height:${height}px" preserveAspectRatio="none" role="img"><title>${words}</title>${lanes.map((one, index) => bar(one, index, shot, width, ladder))}</svg><span>${number}<i>${length}</i></span></li>
`;
}

/** In front of the first row; the table below says it for the others. */
function laneNames(lanes: readonly Lane[]): Markup {
  const height = lanes.length * (lane.height + lane.gap);
  const words = lanes.map(({ rung }, index) => {
    const base = index * (lane.height + lane.gap) + lane.height;
    return markup`<text x="0" y="${base - 4}">${rung.id}</text>`;
  });
  return markup`<li class="names" aria-hidden="true"><svg viewBox="0 0 56 ${height}" width="56" height="${height}">${words}</svg><span></span></li>
`;
}

/** Its middle, when the shot is narrower than its picture. */
function picture(place: PicturePlace | undefined, width: number, shot: number): Markup {
  if (place === undefined) return nothing;
  const shown = Math.min(width, place.width);
  const x = place.x + Math.floor((place.width - shown) / 2);
  return markup`<div class="film" style="height:${place.height}px"><div class="picture" role="img" aria-label="Shot ${shot + 1}" style="width:${shown}px;height:${place.height}px;background-position:-${x}px -${place.y}px"></div></div>`;
}

function bar(
  { bps, most, rung }: Lane,
  index: number,
  shot: number,
  width: number,
  ladder: readonly PageRung[],
): Markup {
  const base = index * (lane.height + lane.gap) + lane.height;
  const height = ((bps[shot] ?? 0) / most) * lane.height;
  const mean = base - (Math.min(most, rung.bitrateBps) / most) * lane.height;
  const look = `rung-${((ladder.length - 1 - index) % 2) + 1}`;
  return markup`<path class="lane" d="M0 ${base}H${width}"/><path class="${look}" d="M0 ${fixed(base - height)}H${width}V${base}H0z"/><path class="mean" d="M0 ${fixed(mean)}H${width}"/>`;
}

function laneTable(lanes: readonly Lane[]): Markup {
  const columns: readonly Column[] = [
    { name: "Lane, from the top", kind: "text" },
    { name: "Mean", kind: "figure" },
    { name: "Dearest shot (the lane's full height)", kind: "figure" },
    { name: "Cheapest shot", kind: "figure" },
  ];
  const rows = lanes.map(({ rung, bps, most }) => {
    const least = extent(bps)[0];
    const name = (rate: number): string => `${rateWords(rate)}, shot ${bps.indexOf(rate) + 1}`;
    return [rung.id, rateWords(rung.bitrateBps), name(most), name(least)];
  });
  return table("The lanes of the strip", columns, rows);
}

export function pictureStyle(sheet: PictureSheet | undefined): string {
  if (sheet === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(sheet.jpegBase64)) return "";
  return `.picture{background-image:url(data:image/jpeg;base64,${sheet.jpegBase64})}`;
}
