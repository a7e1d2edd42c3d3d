import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsInManifest, pathsInPlaylist, rangesInPlaylist, unlisted } from "./agreement.ts";
import { dashManifest } from "./dash.ts";
import { iframePlaylist, iframePlaylistOf, mediaPlaylist, subtitlePlaylist, targetSeconds } from "./hls.ts";
import { masterPlaylist } from "./hls-master.ts";
import { richTitle, sampleTitle } from "./sample-titles.ts";
import { filmMicroseconds, type PackedTitle } from "./track.ts";

interface Folder {
  readonly playlists: ReadonlyMap<string, string>;
  readonly manifest: string;
  readonly sizes: ReadonlyMap<string, number>;
}

function folderOf(title: PackedTitle): Folder {
  const target = targetSeconds([...title.video, ...title.audio]);
  const playlists = new Map([
    ["master.m3u8", masterPlaylist(title)],
    ...[...title.video, ...title.audio].map((one) => [`${one.id}.m3u8`, mediaPlaylist(one, target)] as const),
    ...title.video.map((one) => [iframePlaylistOf(one), iframePlaylist(one)] as const),
    ...title.subtitles.map(
      (one) => [`${one.id}.m3u8`, subtitlePlaylist(one, filmMicroseconds(title))] as const,
    ),
  ]);
  const media = [...title.video, ...title.audio].flatMap((track) => [
    [`${track.id}/init.mp4`, 700] as const,
    ...track.segments.map((segment, index) => [`${track.id}/${index + 1}.m4s`, segment.bytes] as const),
  ]);
  const sizes = new Map<string, number>([
    ...[...playlists.keys()].map((name) => [name, 1] as const),
    ...media,
    ...title.subtitles.map((one) => [`${one.id}.vtt`, one.bytes] as const),
    ...["manifest.mpd", "sidecar.json", "storyboard.vtt", "poster.jpg"].map((name) => [name, 1] as const),
  ]);
  return { playlists, manifest: dashManifest(title), sizes };
}

function complaint({ playlists, manifest, sizes }: Folder): string | undefined {
  return unlisted([...playlists.values()], manifest, sizes);
}

test("[PA63] playlists of pictures and sound name one target duration, that of the longest segment", () => {
  const title = sampleTitle();
  const tracks = [...title.video, ...title.audio];
  const target = targetSeconds(tracks);
  assert.equal(target, Math.max(...tracks.map((track) => targetSeconds([track]))));
  assert.ok(
    tracks.some((track) => targetSeconds([track]) < target),
    "a title whose tracks differ",
  );
  const folder = folderOf(title);
  assert.equal(complaint(folder), undefined);
  const [sound] = title.audio;
  assert.ok(sound !== undefined);
  const playlists = new Map([...folder.playlists, [`${sound.id}.m3u8`, mediaPlaylist(sound, target + 1)]]);
  assert.match(complaint({ ...folder, playlists }) ?? "", /target durations of/);
});

function without<V>(map: ReadonlyMap<string, V>, name: string): ReadonlyMap<string, V> {
  return new Map([...map].filter(([key]) => key !== name));
}

test("[PA10] [PA32] both manifests name the same segments and subtitles, and all of them are there", () => {
  for (const title of [sampleTitle(), richTitle(), { ...sampleTitle(), audio: [] }]) {
    const folder = folderOf(title);
    assert.equal(complaint(folder), undefined);
    const media = title.video.length * 5 + title.audio.length * 6 + title.subtitles.length;
    const dash = new Set(pathsInManifest(folder.manifest));
    assert.equal(dash.size, media);
    const hls = new Set([...folder.playlists.values()].flatMap(pathsInPlaylist));
    assert.deepEqual(dash, new Set([...hls].filter((path) => !path.endsWith(".m3u8"))));
    assert.ok([...hls, ...dash].every((path) => !/^\/|:|\.\./.test(path)));
  }
});

test("[PA10] [PA32] a file that is lost, unknown, named once or hangs on nothing is found", () => {
  const folder = folderOf(richTitle());
  const { playlists, manifest, sizes } = folder;
  const cases: [Partial<Folder>, RegExp][] = [
    [{ sizes: without(sizes, "av1-360-1/3.m4s") }, /names av1-360-1\/3\.m4s, which is not there/],
    [{ sizes: without(sizes, "subtitles-de.vtt") }, /names subtitles-de\.vtt, which is not there/],
    [{ sizes: without(sizes, "vp9-180-1-iframes.m3u8") }, /vp9-180-1-iframes\.m3u8, which is not there/],
    [{ sizes: new Map([...sizes, ["v180-1/9.m4s", 1]]) }, /9\.m4s is not named by both/],
    [{ sizes: new Map([...sizes, ["subtitles-fr.vtt", 1]]) }, /subtitles-fr\.vtt is not named by both/],
    [{ sizes: new Map([...sizes, ["stray.m3u8", 1]]) }, /stray\.m3u8 is not named by the master/],
    [{ playlists: without(playlists, "audio-en-opus.m3u8") }, /audio-en-opus\/init\.mp4 is not named/],
    [{ playlists: without(playlists, "subtitles-en.m3u8") }, /subtitles-en\.vtt is not named by both/],
    [
      { manifest: manifest.replace("<BaseURL>subtitles-en.vtt</BaseURL>", "") },
      /subtitles-en\.vtt is not named/,
    ],
    [{ manifest: manifest.replace('<Representation id="hevc', '<Representation id="x') }, /names x-180-1/],
    [{ sizes: new Map([...sizes, ["v180-1/2.m4s", 8000]]) }, /names bytes of v180-1\/2\.m4s beyond its end/],
  ];
  for (const [change, sentence] of cases) {
    assert.match(complaint({ ...folder, ...change }) ?? "agreed", sentence);
  }
});

test("[PA29] the playlist of pictures names one range per keyframe, and their times add up to the film", () => {
  const [track] = sampleTitle().video;
  assert.ok(track);
  const text = iframePlaylist(track);
  const keyframes = track.segments.flatMap((segment) => segment.keyframes);
  assert.deepEqual(
    rangesInPlaylist(text).map(({ offset, bytes }) => [offset, bytes]),
    keyframes.map(({ offset, bytes }) => [offset, bytes]),
  );
  const seconds = [...text.matchAll(/#EXTINF:([\d.]+),/g)].map((match) => Number(match[1]));
  assert.ok(Math.abs(seconds.reduce((sum, one) => sum + one, 0) - (500 * 1001) / 30_000) < 1e-6);
  assert.match(text, /#EXT-X-I-FRAMES-ONLY\n#EXT-X-MAP:URI="v180-1\/init\.mp4"/);
});
