// Words and numbers that the API's examples are made of: by the name of the field, and where that does not fit, by operation.
// Each example is checked against the schema it stands beside, see control/io/api-document.test.ts.

/** One day in January 2026, in ms of wall time. */
const dayMs = 1_769_860_800_000;
const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/** What a field of this name may hold. */
export const fieldExamples: Readonly<Record<string, unknown>> = {
  accountId: "3f6c2b1e-5d0a-4c7e-9a52-0d6b8f1c7a11",
  address: "192.0.2.17",
  applianceId: "tokyo-1",
  audience: "viewer",
  baseUrl: "http://192.0.2.40:8080",
  beatUrl: "/v1/play/session-1/beat",
  because: "it is draining",
  client: "192.0.2.17",
  code: "unknown-title",
  codec: "avc1.64001f",
  currency: "EUR",
  dash: "http://192.0.2.40:8080/t/1769864400/k1/signature/film-1/manifest.mpd",
  deviceName: "Chrome on Linux",
  email: "ada@example.org",
  endsAtMs: dayMs + 3_600_000,
  field: "title",
  file: "film-1/v720-1",
  fileId: "film-1/v720-1",
  hash: sha256,
  hls: "http://192.0.2.40:8080/t/1769864400/k1/signature/film-1/manifest.m3u8",
  id: "film-1",
  invitation: "invitation-of-32-or-more-characters",
  invoiceId: "invoice-1",
  kid: "k1",
  language: "en",
  limit: 20,
  maxHeight: 1080,
  message: "There is no title film-1 here.",
  name: "Northern Lights",
  newPassword: "another long pass phrase",
  newPin: "4711",
  next: "/title/film-1",
  number: 1,
  originBaseUrl: "http://192.0.2.10:8180",
  password: "correct horse battery staple",
  path: "/artwork/9f86d081",
  pin: "4711",
  planId: "standard",
  planName: "Standard",
  posterUrl: "http://192.0.2.40:8080/t/1769864400/k1/signature/film-1/poster.jpg",
  prefix: "/t/1769864400/k1/signature/film-1/",
  profileId: "profile-1",
  profileName: "Ada",
  provider: "offline",
  q: "northern",
  ref: "off_0123456789abcdef0123456789abcdef",
  releaseUrl: "/v1/play/session-1/release",
  "request-timeout": "2.5",
  search: "ada",
  sentence: "A play at 192.0.2.17 is sent to tokyo-1.",
  session: "session-1",
  sessionId: "session-1",
  sha256,
  siteId: "tokyo",
  siteName: "Tokyo",
  synopsis: "A night above the sea.",
  titleId: "film-1",
  titleName: "Northern Lights",
  token: "opaque-token",
  version: 3,
  viewpoint: "tokyo-home",
  year: 2026,
  zone: "Asia/Tokyo",
};

/** Tried in turn where a string must fit a pattern. */
export const patternExamples: readonly string[] = [
  "film-1",
  "EUR",
  "4711",
  "MILLRACE_ENCODE_JOBS",
  "x0123abcd",
  "d0123abcd",
  "x1",
  sha256,
  "ada@example.org",
  "00112233445566778899aabbccddeeff",
];

/** By the end of a number's name. */
export const numberExamples: readonly (readonly [end: RegExp, value: number])[] = [
  [/AtMs$|^fromMs$|^untilMs$|^sinceMs$|^toldFromMs$/, dayMs],
  [/durationMs$/i, 5_400_000],
  [/Ms$/, 10_000],
  [/bps$/i, 4_200_000],
  [/bytes|Bytes/, 1_500_000],
  [/minor$/i, 999],
  [/share|utilisation|weight|chance|confidence|^u$/i, 0.5],
  [/height$/i, 720],
  [/width$/i, 1280],
  [/percent$/i, 12.5],
];

export interface OperationExamples {
  /** In place of the one that the field names make; null: the operation is shown without. */
  readonly request?: unknown;
  readonly answer?: unknown;
}

/** By operation, where the names of the fields do not make one that fits together. */
export const operationExamples: Readonly<Record<string, OperationExamples>> = {
  postOpsTitlesByIdKeys: {
    request: {
      keys: [
        { label: "SD", kid: "00112233445566778899aabbccddeeff", key: "ffeeddccbbaa99887766554433221100" },
      ],
    },
  },
};

export interface PlainBody {
  /** As its Content-Type says. */
  readonly types: readonly string[];
  readonly example: string;
  readonly description: string;
}

/** Bodies of requests that are no JSON, or may be something else as well. */
export const plainRequests: Readonly<Record<string, PlainBody>> = {
  postOpsCatalogImport: {
    types: ["text/csv", "application/json"],
    example: "id,kind,title\nfilm-1,film,Northern Lights\n",
    description: "The whole file, see docs/catalogue.md",
  },
  putOpsCatalogWorksByIdPicturesByKind: {
    types: ["image/jpeg", "image/png", "image/webp"],
    example: "(the picture's bytes)",
    description: "The picture's bytes",
  },
  postOpsTitlesByIdSubtitles: {
    types: ["text/vtt"],
    example: "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\nHello?\n",
    description: "The whole file: WebVTT in UTF-8, on the film's clock",
  },
  postUploads: {
    types: ["application/offset+octet-stream"],
    example: "(the film's first bytes, or none)",
    description: "The film's first bytes, if any. Source: tus 1.0.0, creation-with-upload",
  },
  patchUploadsById: {
    types: ["application/offset+octet-stream"],
    example: "(bytes of the film)",
    description: "The bytes from Upload-Offset on. Source: tus 1.0.0",
  },
  putResultsByKey: {
    types: ["application/octet-stream"],
    example: "(bytes of the file)",
    description: "The bytes from the offset on",
  },
  postPaymentsWebhookByProvider: {
    types: ["*/*"],
    example: '{"id":"evt_1","type":"payment.succeeded"}',
    description: "The event as its provider signed it, byte by byte",
  },
  postLicenceBySystem: {
    types: ["application/octet-stream"],
    example: "(the challenge's bytes)",
    description: "The challenge as the key system made it",
  },
  postCmcd: {
    types: ["application/cmcd"],
    example: 'e=ps,ts=1769860800000,v=2,sid="session-1"\n',
    description: "One event a line. Source: CTA-5004-B",
  },
};

/** Answers that are no JSON. */
export const plainAnswers: Readonly<Record<string, PlainBody>> = {
  getMastersByIdContent: {
    types: ["application/octet-stream"],
    example: "(the master's bytes)",
    description: "The master, whole; 206 with the rest of it",
  },
  postLicenceBySystem: {
    types: ["application/octet-stream"],
    example: "(the licence's bytes)",
    description: "The licence as the provider made it",
  },
  getResultsByKey: {
    types: ["application/octet-stream"],
    example: "(the file's bytes)",
    description: "The file, whole; 206 with the rest of it",
  },
  getInvoicesByIdReceipt: {
    types: ["text/html"],
    example: "<!doctype html><title>Receipt</title>",
    description: "The receipt as a page to print",
  },
  getAdminLedgerCsv: {
    types: ["text/csv"],
    example: "at,account,amountMinor\n",
    description: "The books, one posting a line",
  },
  getPaymentsOfflineConfirmByRef: {
    types: ["text/html"],
    example: "<!doctype html><title>Payment</title>",
    description: "A page with two buttons",
  },
  postPaymentsOfflineConfirmByRefByChoice: {
    types: ["text/html"],
    example: "<!doctype html><title>Payment</title><p>Thank you. You may close this page.</p>",
    description: "A page that says thank you",
  },
  getArtworkBySha256: {
    types: ["image/jpeg", "image/png", "image/webp"],
    example: "(the picture's bytes)",
    description: "The picture's bytes; they never change",
  },
  getOpsCatalogExport: {
    types: ["application/json", "text/csv"],
    example: "id,kind,title\nfilm-1,film,Northern Lights\n",
    description: "The catalogue in the form asked for",
  },
  getSteerBySessionManifestM3u8: {
    types: ["application/vnd.apple.mpegurl"],
    example: "#EXTM3U\n#EXT-X-VERSION:7\n",
    description: "The HLS multivariant playlist with its steering",
  },
  getSteerBySessionManifestMpd: {
    types: ["application/dash+xml"],
    example: '<?xml version="1.0"?><MPD/>',
    description: "The DASH manifest with its steering",
  },
};

/** What a path's id is an id of, by the part of the path before it. */
export const pathNouns: Readonly<Record<string, string>> = {
  accounts: "account",
  appliances: "appliance",
  artwork: "picture",
  confirm: "payment",
  devices: "device",
  encodes: "run",
  imports: "import",
  jobs: "job",
  masters: "master",
  results: "file",
  uploads: "upload",
  drills: "drill",
  experiments: "experiment",
  invitations: "invitation",
  invoices: "invoice",
  plans: "plan",
  play: "session",
  profiles: "profile",
  resume: "title",
  screens: "session",
  sessions: "session",
  steer: "session",
  subtitles: "track",
  titles: "title",
  tokens: "token",
  webhook: "provider",
  works: "work",
};

/** What the other parameters mean. */
export const parameterWords: Readonly<Record<string, string>> = {
  after: "Where the page before ended, as its answer said",
  and: "A second thing that they are divided by",
  also: "A third thing that they are divided by",
  appliance: "The id of the appliance that served last",
  by: "What the figures are divided by",
  device: "The device's words, as sessions have them",
  minutes: "So many minutes back from now",
  network: "The neighbour that the viewer is reached by, as sessions have it",
  before: "Rows with smaller numbers than this, newest first",
  choice: "What the customer chose",
  client: "The viewer's IP address",
  code: "The provider's code, good once",
  dryRun: "true says what would be done, and does nothing",
  error: "Why the provider refused",
  error_description: "The same in words",
  file: "The file: title and rendition",
  forced: "true: shown unasked, to whoever hears the language",
  form: "csv or json",
  from: "From this number (rows, oldest first) or this moment (ms since 1970) on",
  iss: "Who the provider says it is (RFC 9207)",
  hours: "How far back, in hours",
  kind: "Which of the work's pictures",
  generation: "Of the worker's lease",
  job: "The job whose lease this needs",
  language: "Of the words: BCP 47 (de, pt-BR), or ISO 639 in three letters",
  limit: "At most so many",
  name: "What viewers choose it by; empty, the language's own name",
  offset: "Where this chunk begins, in bytes",
  step: "Seconds of a window",
  to: "Up to this moment, in ms since 1970; without it, now",
  total: "The whole file's bytes",
  worker: "The worker's name",
  mode: "merge keeps works that the file does not name, replace removes them",
  next: "Path of our own pages to come back to",
  q: "What was typed",
  "request-timeout":
    "Seconds that the caller waits for the answer, to the millisecond; what is asked of the stores ends then. A time beyond the server's own changes nothing",
  replaces: "The track in whose place it comes; without it, it comes beside the others",
  search: "A part of the email",
  session: "The session; ranking draws by it",
  system: "The key system: widevine, playready or fairplay",
  state: "What the sign-in began with, or which jobs or sessions are asked for",
  title: "The title's id; without it, none is asked about",
  titleId: "The title's id",
  token: "The steering token that the manifest's address had",
  version: "Of this version of the catalogue, where it is still held",
  viewpoint: "Where the viewer sits, on an installation that has viewpoints",
  _HLS_pathway: "The pathway the player uses",
  _HLS_throughput: "What it measured, in bit/s",
  _DASH_pathway: "The pathways the player uses",
  _DASH_throughput: "What it measured, in bit/s",
};
