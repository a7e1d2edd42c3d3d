// What the console's catalogue, money and settings pages are answered by fixtures: a small installation where something of each kind is.
import { catalogVersions } from "#wire/catalog.ts";
import { keyState, titleKeys } from "#wire/licence.ts";
import { opsShelf, opsShelfTitle, type ShelfRow } from "#wire/ops-catalog.ts";
import { arrivalList, masterList } from "#wire/upload.ts";
import { home } from "./pages-fixtures.ts";

const dayMs = 86_400_000;
const states = ["published", "published", "withheld"] as const;
const access = ["open", "not-here", "not-now"] as const;

const rows: readonly ShelfRow[] = [
  ...(home.rows[1]?.items ?? []).map(
    (card, index): ShelfRow => ({
      ...{ id: card.id, name: card.name, kind: index === 3 ? null : "film" },
      workId: index === 3 ? null : card.id,
      state: states[index % 3] ?? "published",
      access: access[index % 3] ?? "open",
      ...{ windows: index === 3 ? 0 : 1, age: index % 2 === 0 ? 12 : null },
      ...{ durationMs: card.durationMs, bytes: 14_300_000 * (index + 1), height: card.height },
      ...{ encrypted: index === 1, publishedAtMs: Date.now() - index * dayMs },
    }),
  ),
  {
    ...{ id: "tides", name: "Tides", kind: "series", workId: "tides", state: "announced", access: "open" },
    ...{ windows: 0, age: null, durationMs: null, bytes: null, height: null },
    ...{ encrypted: false, publishedAtMs: null },
  },
];

const lakeside = rows[1] ?? rows[0];

function arrival(index: number, state: "receiving" | "checking" | "refused", more: object = {}): object {
  return {
    ...{ id: `${index}`.padStart(32, "0"), kind: "upload", fileName: `Reel ${index}.mov`, state },
    ...{ titleName: `Reel ${index}`, bytes: 4e9, receivedBytes: state === "receiving" ? 1.6e9 : 4e9 },
    ...{ createdAtMs: Date.now() - dayMs, touchedAtMs: Date.now() - 40_000, ...more },
  };
}

const refusal = {
  code: "film-truncated",
  sentence: "Reel 3.mov ends in the middle of a picture: it was cut off. Send it again whole.",
};

const facts = {
  ...{ width: 1920, height: 1080, frames: 14_400, frameRate: { num: 24, den: 1 }, durationMs: 600_000 },
  ...{ sounds: 2, subtitles: 1, mended: ["variable frame rate"], leftOut: ["a data track"] },
};

const masters = ["Northern Lights", "A very long name of a film that somebody brought in from far away"].map(
  (titleName, index) => ({
    ...{ id: `m-${index}`, sha256: "ab".repeat(32), bytes: 3.1e9, fileName: `${titleName}.mov`, titleName },
    ...{ facts, createdAtMs: Date.now() - dayMs },
    ...(index === 1 && { publication: { titleName, encrypt: false, askedAtMs: Date.now() - 60_000 } }),
  }),
);

const window = { territories: ["DE", "AT"], fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2027, 0, 1) };

/** By path, parsed here so that a fixture that no longer fits the contract fails the test. */
export function stewardDocuments(): Readonly<Record<string, unknown>> {
  const counts = { published: 4, withheld: 2, announced: 1 };
  return {
    "/v1/uploads": arrivalList.parse({
      arrivals: [arrival(1, "receiving"), arrival(2, "checking"), arrival(3, "refused", { refusal })],
    }),
    "/v1/imports": arrivalList.parse({
      arrivals: [arrival(4, "receiving", { kind: "import", url: "https://films.example/reel-4.mov" })],
    }),
    "/v1/masters": masterList.parse({ masters }),
    "/v1/ops/catalog/titles": opsShelf.parse({ counts, found: rows.length, rows, next: null }),
    "/v1/ops/catalog/titles/lakeside": opsShelfTitle.parse({
      ...{ row: lakeside, untilMs: window.untilMs, territory: "DE", unratedAge: 18 },
      renditions: [
        {
          id: "v720-1",
          kind: "video",
          codecs: "avc1.64001f",
          width: 1280,
          height: 720,
          bitrateBps: 2.1e6,
          bytes: 9e6,
        },
        {
          id: "audio",
          kind: "audio",
          codecs: "mp4a.40.2",
          width: 0,
          height: 0,
          bitrateBps: 128_000,
          bytes: 5e5,
        },
      ],
      audio: [
        { language: "en", name: "English" },
        { language: "ar", name: "العربية" },
      ],
      subtitles: [{ language: "de", name: "Deutsch", isForced: true }],
      work: {
        kind: "film",
        id: "lakeside",
        names: { en: "Lakeside" },
        windows: [window],
        age: 12,
        titleId: "lakeside",
      },
      pictures: [{ kind: "poster", path: "/posters/1.svg", type: "image/png", width: 800, height: 1200 }],
      plans: [
        { planId: "basic", name: "Basic", maxHeight: 480, isWhole: false },
        { planId: "premium", name: "Premium", maxHeight: 2160, isWhole: true },
      ],
    }),
    "/v1/ops/titles/lakeside/keys": titleKeys.parse({
      titleId: "lakeside",
      keys: [
        { label: "HD", kid: "00112233445566778899aabbccddeeff", kekId: "e2", endsAtMs: null },
        { label: "HD", kid: "10112233445566778899aabbccddeeff", kekId: "e1", endsAtMs: Date.now() - dayMs },
      ],
    }),
    "/v1/ops/keys": keyState.parse({
      kekId: "e2",
      wrappers: [
        { kekId: "e2", keys: 12 },
        { kekId: "e1", keys: 4 },
      ],
    }),
    "/v1/ops/catalog/versions": catalogVersions.parse({
      versions: [3, 2, 1].map((version) => ({
        ...{ version, createdAtMs: Date.now() - (4 - version) * dayMs, works: 5 + version },
        note: `import by operator@millrace.example: ${5 + version} works`,
      })),
    }),
  };
}
