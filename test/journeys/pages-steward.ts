// What the console's catalogue, money and settings pages are answered by fixtures: a small installation where something of each kind is.
import { settingsByFolder } from "#bin/settings-tables.ts";
import { shownSettings } from "#config/shown.ts";
import { trialBalance } from "#wire/billing.ts";
import { catalogVersions } from "#wire/catalog.ts";
import { deadLetters } from "#wire/dead-letters.ts";
import { keyState, titleKeys } from "#wire/licence.ts";
import { opsMoney } from "#wire/money.ts";
import { opsShelf, opsShelfTitle, type ShelfRow } from "#wire/ops-catalog.ts";
import { opsSettings } from "#wire/settings.ts";
import { subtitleTracks } from "#wire/subtitles.ts";
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

const amounts = {
  receivable: 0,
  cash: 129_900,
  revenue: -90_000,
  deferred: -20_000,
  tax: -19_900,
  refunds: 0,
  credits: 0,
};

const letter = {
  ...{ atMs: Date.now() - dayMs, consumer: "quality", partition: 0, offset: 4711, bytes: 880, value: "e30=" },
  because: "the record ends in the middle of a field",
};

function money(): object {
  const untilMs = Date.now();
  const against = [
    {
      name: "plain",
      label: "Plain ladder",
      bytesPerPlay: 6.1e8,
      baselineBytesPerPlay: 8.4e8,
      baselineCpuSeconds: 900,
    },
  ];
  return {
    ...{ fromMs: untilMs - dayMs, untilMs, knownMs: 0.8 * dayMs },
    sites: ["Alder Broadband, Aarhus", "Birch Telecom, Bern", "Exchange Point"].map((name, index) => ({
      ...{ id: `site-${index}`, name, appliances: 3 - index, sentBytes: 4.2e12 / (index + 1) },
      ...{ heldBytes: 3e11, budgetBytes: 1e12, filledFromOriginBytes: 4e10 * index },
    })),
    origin: { titles: 6, titleBytes: 4.4e11, masters: 2, masterBytes: 6.2e9 },
    titles: (home.rows[1]?.items ?? []).map(({ id, name, durationMs }, index) => ({
      ...{ id, name, durationMs, plays: 1900 - 300 * index, isWhole: index !== 2 },
      ...{ cpuSeconds: index === 4 ? null : 41_000 + 900 * index, against: index > 3 ? [] : against },
    })),
    leftOut: 12,
    subscriptions: [
      { status: "active", customers: 412 },
      { status: "past-due", customers: 9 },
    ],
  };
}

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
    ...lakesideParts(),
    "/v1/ops/keys": keyState.parse({
      kekId: "e2",
      wrappers: [
        { kekId: "e2", keys: 12 },
        { kekId: "e1", keys: 4 },
      ],
    }),
    "/v1/ops/money": opsMoney.parse(money()),
    "/v1/admin/trial-balance": trialBalance.parse({ balances: [{ currency: "EUR", amounts, sumMinor: 0 }] }),
    "/v1/ops/settings": opsSettings.parse({
      groups: shownSettings(settingsByFolder, {
        MILLRACE_PLAY_HOURS: "2",
        MILLRACE_OTLP_AUTHORIZATION: "hush",
      }),
    }),
    "/v1/ops/dead-letters": deadLetters.parse({ letters: [letter] }),
    "/v1/ops/catalog/versions": catalogVersions.parse({
      versions: [3, 2, 1].map((version) => ({
        ...{ version, createdAtMs: Date.now() - (4 - version) * dayMs, works: 5 + version },
        note: `import by operator@millrace.example: ${5 + version} works`,
      })),
    }),
  };
}

function lakesideParts(): Readonly<Record<string, unknown>> {
  return {
    "/v1/ops/titles/lakeside/subtitles": subtitleTracks.parse({
      titleId: "lakeside",
      tracks: [{ id: "subtitles-de", language: "de", name: "Deutsch", isForced: true }],
    }),
    "/v1/ops/titles/lakeside/keys": titleKeys.parse({
      titleId: "lakeside",
      keys: [
        { label: "HD", kid: "00112233445566778899aabbccddeeff", kekId: "e2", endsAtMs: null },
        { label: "HD", kid: "10112233445566778899aabbccddeeff", kekId: "e1", endsAtMs: Date.now() - dayMs },
      ],
    }),
  };
}
