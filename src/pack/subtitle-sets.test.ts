import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dashManifest } from "./dash.ts";
import { masterPlaylist } from "./hls-master.ts";
import { richTitle, sampleTitle } from "./sample-titles.ts";
import { listedSubtitles, type Manifests, withSubtitles } from "./subtitle-sets.ts";
import { filmMicroseconds, type PackedTitle, type SubtitleTrack } from "./track.ts";

function manifestsOf(title: PackedTitle): Manifests {
  return { dash: dashManifest(title), hls: masterPlaylist(title) };
}

/** Names that nothing need be done to: no two alike. */
const someTracks = fc
  .uniqueArray(
    fc.record({
      language: fc.constantFrom("en", "de", "pt-BR", "zh-Hant", "und"),
      name: fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(..."aB <>&\"'$1-ü") }),
      isForced: fc.boolean(),
      bytes: fc.integer({ min: 1, max: 1_000_000 }),
    }),
    { selector: ({ name }) => name, maxLength: 5 },
  )
  .map((all) => all.map((track, index): SubtitleTrack => ({ ...track, id: `subtitles-${index}` })));

const silent = { ...sampleTitle(), audio: [] };
const protection = { kid: "00112233445566778899aabbccddeeff", licenceUrl: "https://keys.example/?a&b" };
const encrypted = { ...sampleTitle(), video: sampleTitle().video.map((track) => ({ ...track, protection })) };
const bare = { ...sampleTitle(), storyboard: { ...sampleTitle().storyboard, count: 0 } };

test("[PA86] manifests with other subtitles are the very ones that packaging with them would have written", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(sampleTitle(), richTitle(), silent, bare, encrypted),
      someTracks,
      someTracks,
      (title, before, subtitles) => {
        const written = withSubtitles(manifestsOf({ ...title, subtitles: before }), subtitles);
        assert.ok(written.kind === "written");
        assert.deepEqual(written.manifests, manifestsOf({ ...title, subtitles }));
        assert.equal(written.microseconds, filmMicroseconds(title));
      },
    ),
    { seed: 86, numRuns: 300 },
  );
});

test("[PA86] subtitles are read from a manifest as they were written", () => {
  fc.assert(
    fc.property(fc.constantFrom(sampleTitle(), richTitle()), someTracks, (title, subtitles) => {
      const listed = listedSubtitles(dashManifest({ ...title, subtitles }));
      assert.deepEqual(
        listed,
        subtitles.map(({ bytes: _, ...track }) => track),
      );
    }),
    { seed: 87, numRuns: 300 },
  );
});

test("[PA86] what is not as we write it is refused", () => {
  const manifests = manifestsOf(richTitle());
  const said = (more: Partial<Manifests>): string => {
    const written = withSubtitles({ ...manifests, ...more }, []);
    return written.kind === "refused" ? written.because : "written";
  };
  assert.equal(said({ dash: "<MPD/>" }), "its DASH manifest is not as we write them");
  assert.equal(said({ hls: "#EXTM3U\n" }), "its HLS playlist is not as we write them");
  assert.equal(said({}), "written");
});
