import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dashManifest } from "./dash.ts";
import { masterPlaylist } from "./hls-master.ts";
import { richTitle, sampleTitle, soundTrack } from "./sample-titles.ts";
import { distinct, groupsFor, soundGroups, voicesOf } from "./sounds.ts";

const english = ["en", "English"] as const;
const german = ["de", "Deutsch"] as const;

test("[PA22] tracks of one language and name are one voice; two that nothing tells apart are two", () => {
  const voices = voicesOf([
    soundTrack("audio", "aac", 128, english),
    soundTrack("a2", "aac", 128, english),
    soundTrack("a3", "aac", 64, english),
    soundTrack("a4", "aac", 128, ["en", "Commentary"]),
    soundTrack("a5", "opus", 128, english),
    soundTrack("a6", "aac", 128, ["de", "English"]),
  ]);
  assert.deepEqual(
    voices.map((voice) => [voice.name, voice.tracks.map((track) => track.id)]),
    [
      ["English (en)", ["audio", "a3", "a5"]],
      ["English (en) 2", ["a2"]],
      ["Commentary", ["a4"]],
      ["English (de)", ["a6"]],
    ],
  );
});

test("[PA22] names in a menu are never alike", () => {
  const words = fc.constantFrom("A", "A 2", "A (en)", "B");
  const languages = fc.constantFrom("und", "en", "de");
  const entry = fc.record({ name: words, language: languages });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (all) => {
      const names = distinct(all);
      assert.equal(names.length, all.length);
      assert.equal(new Set(names).size, all.length);
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("[PA23] every group has every voice once, near its rate and in its codec where that is there", () => {
  const groups = soundGroups(
    voicesOf([
      soundTrack("audio", "aac", 128, english),
      soundTrack("en64", "aac", 64, english),
      soundTrack("de128", "aac", 128, german),
      soundTrack("en-opus", "opus", 96, english),
    ]),
  );
  assert.deepEqual(
    groups.map((group) => [group.id, ...group.members.map((member) => member.track.id)]),
    [
      ["aac-64", "en64", "de128"],
      ["aac-128", "audio", "de128"],
      ["opus-96", "en-opus", "de128"],
    ],
  );
});

test("[PA23] any sounds: all groups have the same voices, and each track is in a group", () => {
  const track = fc.record({
    codec: fc.constantFrom("aac" as const, "opus" as const),
    kilobits: fc.constantFrom(64, 96, 128, 192),
    voice: fc.constantFrom(english, german, ["de", "Kommentar"] as const),
  });
  fc.assert(
    fc.property(fc.array(track, { minLength: 1, maxLength: 12 }), (rows) => {
      const audio = rows.map((row, i) => soundTrack(`a${i}`, row.codec, row.kilobits, row.voice));
      const voices = voicesOf(audio);
      const groups = soundGroups(voices);
      for (const group of groups)
        assert.deepEqual(
          group.members.map((one) => one.voice),
          voices,
        );
      const used = new Set(groups.flatMap((group) => group.members.map((one) => one.track.id)));
      assert.equal(used.size, audio.length);
      const text = masterPlaylist({ ...sampleTitle(), audio });
      const defaults = text.match(/TYPE=AUDIO,.*DEFAULT=YES/g)?.length;
      assert.equal(defaults, groups.length);
      const dash = dashManifest({ ...sampleTitle(), audio });
      for (const one of audio) assert.equal(dash.split(`<Representation id="${one.id}"`).length, 2);
    }),
    { seed: 6, numRuns: 200 },
  );
});

test("[PA23] the cheapest rung names the cheapest group, the dearest the dearest, and none steps back", () => {
  const rates = [64, 128, 192];
  const groups = soundGroups(voicesOf(rates.map((rate) => soundTrack(`a${rate}`, "aac", rate, english))));
  const chosen = (rungs: number): readonly number[] =>
    Array.from({ length: rungs }, (_, rank) => groupsFor(rank, rungs, groups)[0]?.kilobits ?? 0);
  assert.deepEqual(chosen(1), [192]);
  assert.deepEqual(chosen(2), [64, 192]);
  assert.deepEqual(chosen(3), [64, 128, 192]);
  assert.deepEqual(chosen(6), [64, 64, 128, 128, 192, 192]);
  assert.deepEqual(groupsFor(0, 1, []), []);
});

test("[PA23] each rung is offered with AAC first and then with Opus, its CODECS naming all that may sound", () => {
  const lines = masterPlaylist(richTitle()).split("\n");
  const offers = lines.filter((line) => line.startsWith("#EXT-X-STREAM-INF"));
  const codecs = offers.map((line) => /CODECS="([^"]*)"/.exec(line)?.[1] ?? "");
  assert.equal(offers.length, 2 * richTitle().video.length);
  assert.ok(codecs.slice(0, 6).every((one) => !one.includes("opus")));
  // German has no Opus, so AAC may sound there too.
  assert.ok(codecs.slice(6).every((one) => one.endsWith(",opus,mp4a.40.2")));
});

test("[PA26] names of a hostile film stay text", () => {
  const name = '"\n#EXT-X-ENDLIST\r</Label><script>&\u0000';
  const audio = [soundTrack("audio", "aac", 64, ["en", name])];
  const subtitles = [{ id: "s", language: "en", name, isForced: false, bytes: 9 }];
  const title = { ...sampleTitle(), audio, subtitles };
  const master = masterPlaylist(title);
  assert.equal(master.match(/NAME="' #EXT-X-ENDLIST <\/Label><script>& "/g)?.length, 2);
  assert.ok(master.split("\n").every((line) => line === "" || /^(#EXT|v\d)/.test(line)));
  const dash = dashManifest(title);
  assert.match(dash, /<Label>&quot; #EXT-X-ENDLIST &lt;\/Label&gt;&lt;script&gt;&amp; <\/Label>/);
});
