// Playlists of the MPEG-TS chunks, protocol version 3, without groups: the devices these are for know no newer ones.
import {
  meanRate,
  microsecondsOf,
  type PackedTitle,
  peakRate,
  secondsText,
  type VideoTrack,
} from "./track.ts";

/** Folder inside the title's. */
export const transportFolder = "ts";
export const transportMaster = `${transportFolder}/master.m3u8`;

export interface TransportTrack {
  /** Its segments' bytes are the chunks'. */
  readonly track: VideoTrack;
  /** Of the sound in the chunks; undefined without one. */
  readonly soundCodecs: string | undefined;
}

export function transportMasterText(
  { frameRate }: Pick<PackedTitle, "frameRate">,
  tracks: readonly TransportTrack[],
): string {
  const variants = tracks.flatMap(({ track, soundCodecs }) => {
    const codecs = soundCodecs === undefined ? track.codecs : `${track.codecs},${soundCodecs}`;
    const attributes = [
      `BANDWIDTH=${peakRate(track)}`,
      `AVERAGE-BANDWIDTH=${meanRate(track)}`,
      `CODECS="${codecs}"`,
      `RESOLUTION=${track.width}x${track.height}`,
      `FRAME-RATE=${(frameRate.num / frameRate.den).toFixed(3)}`,
    ];
    return [`#EXT-X-STREAM-INF:${attributes.join(",")}`, `${track.id}.m3u8`];
  });
  return `${["#EXTM3U", "#EXT-X-VERSION:3", ...variants].join("\n")}\n`;
}

export function transportMediaText(track: VideoTrack): string {
  const lengths = microsecondsOf(track);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const chunks = lengths.flatMap((length, index) => [
    `#EXTINF:${secondsText(length)},`,
    `${track.id}/${index + 1}.ts`,
  ]);
  const head = ["#EXTM3U", "#EXT-X-VERSION:3", `#EXT-X-TARGETDURATION:${Math.ceil(longest / 1e6)}`];
  const kind = ["#EXT-X-MEDIA-SEQUENCE:1", "#EXT-X-PLAYLIST-TYPE:VOD"];
  return `${[...head, ...kind, ...chunks, "#EXT-X-ENDLIST"].join("\n")}\n`;
}
