// The DASH manifest as text: static, one period, exact segment timeline. Sources: ISO/IEC 23009-1 §5, and
// DASH-IF IOP 4.3 §6.2.6 for the sprite sheets. Every URL is relative: a signed prefix stands before them all.
import { contentProtection } from "./protection.ts";
import {
  type AudioTrack,
  filmMicroseconds,
  microsecondsOf,
  type PackedTitle,
  peakRate,
  type Storyboard,
  secondsText,
  type TrackSegment,
  type VideoTrack,
} from "./track.ts";

export function dashManifest(title: PackedTitle): string {
  const duration = `PT${secondsText(filmMicroseconds(title))}S`;
  const longest = title.video.flatMap(microsecondsOf).reduce((most, length) => Math.max(most, length), 0);
  const profiles = "urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019";
  const all = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="${profiles}" type="static"`,
    `     mediaPresentationDuration="${duration}" minBufferTime="PT${secondsText(longest)}S">`,
    `  <Period id="film" start="PT0S" duration="${duration}">`,
    ...videoSet(title),
    ...(title.audio === undefined ? [] : audioSet(title.audio)),
    ...(title.storyboard.count === 0 ? [] : imageSet(title.storyboard)),
    "  </Period>",
    "</MPD>",
  ];
  return `${all.join("\n")}\n`;
}

function videoSet(title: PackedTitle): readonly string[] {
  const [first] = title.video;
  if (first === undefined) return [];
  const { num, den } = title.frameRate;
  const widest = Math.max(...title.video.map((track) => track.width));
  const tallest = Math.max(...title.video.map((track) => track.height));
  return [
    '    <AdaptationSet id="1" contentType="video" mimeType="video/mp4" segmentAlignment="true" startWithSAP="1"',
    `                   frameRate="${den === 1 ? num : `${num}/${den}`}" maxWidth="${widest}" maxHeight="${tallest}">`,
    ...template(first),
    ...title.video.flatMap((track) => {
      const about = `<Representation id="${track.id}" codecs="${track.codecs}" width="${track.width}" height="${track.height}" sar="1:1" bandwidth="${peakRate(track)}"`;
      if (track.protection === undefined) return [`      ${about}/>`];
      return [`      ${about}>`, ...protectionLines(track), "      </Representation>"];
    }),
    "    </AdaptationSet>",
  ];
}

function audioSet(audio: AudioTrack): readonly string[] {
  // Source: ISO/IEC 23091-3, ChannelConfiguration: 1 to 6 are that many channels in the usual order.
  const channels =
    audio.channels > 6
      ? []
      : [
          `        <AudioChannelConfiguration schemeIdUri="urn:mpeg:mpegB:cicp:ChannelConfiguration" value="${audio.channels}"/>`,
        ];
  return [
    '    <AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" segmentAlignment="true" startWithSAP="1">',
    ...template(audio),
    `      <Representation id="${audio.id}" codecs="${audio.codecs}" audioSamplingRate="${audio.sampleRate}" bandwidth="${peakRate(audio)}">`,
    ...channels,
    ...protectionLines(audio),
    "      </Representation>",
    "    </AdaptationSet>",
  ];
}

function protectionLines({ protection }: VideoTrack | AudioTrack): readonly string[] {
  return protection === undefined ? [] : contentProtection(protection).map((line) => `        ${line}`);
}

/** Pictures for the seek bar. */
function imageSet(board: Storyboard): readonly string[] {
  const { columns, rows, tileWidth, tileHeight, every } = board;
  const length = Math.round(columns * rows * every * 1000);
  const peak = Math.ceil((Math.max(...board.sheets) * 8 * 1000) / length);
  return [
    '    <AdaptationSet id="3" contentType="image" mimeType="image/jpeg">',
    `      <SegmentTemplate timescale="1000" media="$RepresentationID$-$Number$.jpg" startNumber="1" duration="${length}"/>`,
    `      <Representation id="storyboard" width="${columns * tileWidth}" height="${rows * tileHeight}" bandwidth="${peak}">`,
    `        <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="${columns}x${rows}"/>`,
    "      </Representation>",
    "    </AdaptationSet>",
  ];
}

/** All representations of a set have the same boundaries, so the set says them once. */
function template(track: VideoTrack | AudioTrack): readonly string[] {
  return [
    `      <SegmentTemplate timescale="${track.timescale}" presentationTimeOffset="0" startNumber="1"`,
    '                       initialization="$RepresentationID$/init.mp4" media="$RepresentationID$/$Number$.m4s">',
    "        <SegmentTimeline>",
    ...timeline(track.segments),
    "        </SegmentTimeline>",
    "      </SegmentTemplate>",
  ];
}

/** Runs of equal lengths as one S; `t` only where the run does not follow from the one before. */
function timeline(segments: readonly TrackSegment[]): readonly string[] {
  const runs: { start: number; duration: number; more: number; end: number }[] = [];
  for (const { start, duration } of segments) {
    const last = runs.at(-1);
    if (last !== undefined && last.end === start && last.duration === duration) {
      last.more += 1;
      last.end += duration;
    } else {
      runs.push({ start, duration, more: 0, end: start + duration });
    }
  }
  return runs.map(({ start, duration, more }, index) => {
    const t = index === 0 || runs[index - 1]?.end !== start ? ` t="${start}"` : "";
    return `          <S${t} d="${duration}"${more === 0 ? "" : ` r="${more}"`}/>`;
  });
}
