import type { SettingsTable } from "#config/setting.ts";

/** What an operator may change about keys and licences. */
export const licenceSettings = {
  encrypt: {
    kind: "choice",
    name: "MILLRACE_ENCRYPT",
    choices: ["off", "clearkey", "speke"],
    default: "off",
    sentence:
      "Whether `millrace start` encrypts the film: off, with keys of its own (clearkey), or with those of the key provider (speke). It is another title then. Titles that are ordered encrypted get the provider's keys with speke, else keys of their own.",
  },
  clearKey: {
    kind: "choice",
    name: "MILLRACE_CLEARKEY",
    choices: ["on", "off"],
    default: "on",
    sentence:
      "Whether ClearKey licences are issued. They protect nothing from a dishonest player: off where a licence provider does it.",
  },
  retiredKeyHours: {
    kind: "number",
    name: "MILLRACE_RETIRED_KEY_HOURS",
    unit: "h",
    min: 0,
    max: 8760,
    default: 0,
    sentence:
      "How much longer than MILLRACE_PLAY_HOURS keys that a title was published with before are still issued.",
  },
  licencesPerMinute: {
    kind: "number",
    name: "MILLRACE_LICENCES_PER_MINUTE",
    unit: "requests/min",
    min: 1,
    max: 10_000,
    default: 30,
    sentence: "How many licences one session may ask for per minute.",
  },
  licenceDeadlineMs: {
    kind: "number",
    name: "MILLRACE_LICENCE_DEADLINE_MS",
    unit: "ms",
    min: 100,
    max: 60_000,
    default: 3000,
    sentence: "How long a licence or key provider may take to answer.",
  },
  licenceKib: {
    kind: "number",
    name: "MILLRACE_LICENCE_KIB",
    unit: "KiB",
    min: 1,
    max: 1024,
    default: 64,
    sentence:
      "The largest challenge that is sent to a licence provider, and the largest licence that is taken.",
  },
  licenceProviderToken: {
    kind: "text",
    name: "MILLRACE_LICENCE_PROVIDER_TOKEN",
    default: "",
    secret: true,
    sentence: "Bearer token for the licence and key provider.",
  },
  widevineUrl: {
    kind: "text",
    name: "MILLRACE_WIDEVINE_URL",
    default: "",
    secret: false,
    sentence: "Where Widevine challenges are sent to; empty: nowhere.",
  },
  playreadyUrl: {
    kind: "text",
    name: "MILLRACE_PLAYREADY_URL",
    default: "",
    secret: false,
    sentence: "Where PlayReady challenges are sent to; empty: nowhere.",
  },
  fairplayUrl: {
    kind: "text",
    name: "MILLRACE_FAIRPLAY_URL",
    default: "",
    secret: false,
    sentence: "Where FairPlay challenges (SPC) are sent to; empty: nowhere.",
  },
  spekeUrl: {
    kind: "text",
    name: "MILLRACE_SPEKE_URL",
    default: "",
    secret: false,
    sentence: "Where content keys are asked for by SPEKE 2.0; empty: nowhere.",
  },
} as const satisfies SettingsTable;
