// Whether an encoded film can be packaged at all, found out before the first byte is read.
import type { EncodedFilm, EncodedRung, Thumbnails } from "#model/encoded.ts";
import { idPattern } from "#units/id.ts";
import { iframeSuffix } from "./hls.ts";
import type { Init } from "./init.ts";

/** Names that the title's folder and the manifests use for something else. */
const taken = new Set(["index", "master", "manifest", "sidecar", "storyboard", "poster", "ts"]);

/** A language tag as BCP 47 shapes it; more is not asked, players compare tags as text. Source: RFC 5646 §2.1. */
const languagePattern = /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,7}$/;

/** The first thing that stands in the way; undefined when nothing does. */
export function unfitFilm(film: EncodedFilm): string | undefined {
  const { frames, frameRate } = film.source;
  if (!Number.isInteger(frames) || frames < 1) return `the film has ${frames} frames`;
  if (film.rungs.length === 0) return "there is no rung";
  const unfitId =
    unfitIds(
      "rung",
      film.rungs.map((encoded) => encoded.rung.id),
      film,
    ) ??
    unfitIds(
      "sound",
      film.audio.map((audio) => audio.id),
      film,
    ) ??
    unfitIds(
      "subtitles",
      film.subtitles.map((subtitles) => subtitles.id),
      film,
    );
  if (unfitId !== undefined) return unfitId;
  const foreign = [...film.audio, ...film.subtitles].find((one) => !languagePattern.test(one.language));
  if (foreign !== undefined) return `the language "${foreign.language}" of ${foreign.id} is no BCP 47 tag`;
  const clocks = new Set(film.rungs.map((encoded) => encoded.timescale));
  if (clocks.size > 1)
    return `its rungs count time on different clocks (${[...clocks].join(", ")} ticks a second)`;
  const unfitRungs = film.rungs.map((encoded) => unfitRung(encoded, frames, frameRate));
  return (
    unfitPlan(film.plan.boundaries, frames) ??
    unfitRungs.find((complaint) => complaint !== undefined) ??
    unfitQualities(film) ??
    unfitThumbnails(film.thumbnails)
  );
}

/** All files of a title lie in one folder, so all its ids share one set of names. */
function unfitIds(what: string, ids: readonly string[], film: EncodedFilm): string | undefined {
  const all = [
    ...film.rungs.map((encoded) => encoded.rung.id),
    ...film.audio.map((audio) => audio.id),
    ...film.subtitles.map((subtitles) => subtitles.id),
  ];
  const bad = ids.find((id) => {
    const twice = all.indexOf(id) !== all.lastIndexOf(id);
    const reserved = taken.has(id) || id.endsWith(iframeSuffix) || (what === "rung" && id === "audio");
    return !idPattern.test(id) || reserved || twice;
  });
  return bad === undefined ? undefined : `${what} id "${bad}" is malformed, reserved or there twice`;
}

function unfitPlan(boundaries: readonly number[], frames: number): string | undefined {
  const rising = boundaries.every((frame, index) => {
    const before = boundaries[index - 1];
    return Number.isInteger(frame) && frame < frames && (before === undefined ? frame === 0 : before < frame);
  });
  if (boundaries.length > 0 && rising) return undefined;
  return `the segment boundaries do not rise from 0 to below ${frames}`;
}

function unfitRung(
  encoded: EncodedRung,
  frames: number,
  rate: { readonly num: number; readonly den: number },
): string | undefined {
  const { rung, timescale, ticksPerFrame, pieces } = encoded;
  const whole = Number.isInteger(ticksPerFrame) && ticksPerFrame > 0;
  if (!whole || ticksPerFrame * rate.num !== timescale * rate.den) {
    return `rung ${rung.id} counts ${ticksPerFrame}/${timescale} s per frame, the film ${rate.den}/${rate.num} s`;
  }
  let next = 0;
  for (const piece of pieces) {
    if (piece.startFrame !== next || !Number.isInteger(piece.frames) || piece.frames < 1) {
      return `rung ${rung.id}: a piece of ${piece.frames} frames begins at frame ${piece.startFrame}, wanted ${next}`;
    }
    next += piece.frames;
  }
  return next === frames ? undefined : `rung ${rung.id}: its pieces hold ${next} frames, the film ${frames}`;
}

function unfitQualities({ rungs, plan }: EncodedFilm): string | undefined {
  const wanted = plan.boundaries.length;
  const bad = rungs.find(({ quality }) => quality.length !== wanted || !quality.every(Number.isFinite));
  if (bad === undefined) return undefined;
  return `rung ${bad.rung.id} has ${bad.quality.filter(Number.isFinite).length} qualities for ${wanted} segments`;
}

function unfitThumbnails(pictures: Thumbnails): string | undefined {
  const { sheets, columns, rows, count, every, tileWidth, tileHeight } = pictures;
  const sizes = [columns, rows, tileWidth, tileHeight];
  const sound = sizes.every((size) => Number.isInteger(size) && size > 0) && every > 0 && count >= 0;
  const needed = Math.ceil(count / (columns * rows));
  if (sound && needed === sheets.length) return undefined;
  return `the storyboard has ${sheets.length} sheets of ${columns}×${rows} tiles for ${count} pictures, one per ${every} s`;
}

/** Whether a piece is what its rung says: codec, size and clock. */
export function unfitInit(init: Init, encoded: EncodedRung): string | undefined {
  const { rung, timescale } = encoded;
  if (init.codec !== rung.codec) return `it is ${init.codec}, the rung ${rung.codec}`;
  if (init.width !== rung.width || init.height !== rung.height) {
    return `it is ${init.width}×${init.height}, the rung ${rung.width}×${rung.height}`;
  }
  if (init.timescale !== timescale)
    return `it counts ${init.timescale} ticks a second, the rung ${timescale}`;
  return undefined;
}

/** A JPEG begins with its start-of-image marker. Source: ITU-T T.81 §B.2. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
