// A small film for players: what ffmpeg's DASH muxer writes, with HLS playlists over the same segments.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sidecar } from "#wire/sidecar.ts";
import { type Film, makeFilm } from "./player-film.ts";

export async function makeFilmForAll(folder: string, seconds: number, signal: AbortSignal): Promise<Film> {
  const film = await makeFilm(folder, seconds, signal);
  await writeFile(join(folder, "master.m3u8"), masterOf(film.sidecar));
  for (const { id, bytes } of [...film.sidecar.renditions, ...(film.sidecar.sounds ?? [])]) {
    await writeFile(join(folder, `${id}.m3u8`), playlistOf(id, bytes.length, film.sidecar.durationsMs));
  }
  return film;
}

/** A rate is the highest of any segment, as the standard wants it: more than the sidecar's mean. */
function masterOf({ renditions, durationsMs }: Sidecar): string {
  const variants = renditions.map(({ id, width, height, bytes }) => {
    const rates = bytes.map((size, index) => (size * 8000) / (durationsMs[index] ?? 1));
    const about = `BANDWIDTH=${Math.ceil(Math.max(...rates)) + 32_000},RESOLUTION=${width}x${height}`;
    return `#EXT-X-STREAM-INF:${about},CODECS="avc1.42c015,mp4a.40.2",AUDIO="a",CLOSED-CAPTIONS=NONE\n${id}.m3u8`;
  });
  const sound =
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"';
  return ["#EXTM3U", "#EXT-X-INDEPENDENT-SEGMENTS", sound, ...variants, ""].join("\n");
}

/** The sound's segments are as long as the picture's, but for a frame; one more may hold the rest. */
function playlistOf(id: string, segments: number, durationsMs: readonly number[]): string {
  const lines = Array.from({ length: segments }, (_, index) => {
    const length = ((durationsMs[index] ?? 50) / 1000).toFixed(3);
    return `#EXTINF:${length},\n${id}/${index + 1}.m4s`;
  });
  const head = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:2", "#EXT-X-PLAYLIST-TYPE:VOD"];
  return [...head, `#EXT-X-MAP:URI="${id}/init.mp4"`, ...lines, "#EXT-X-ENDLIST", ""].join("\n");
}
