// Limits of the catalogue and its search, and what decides who may watch.
import type { SettingsTable } from "#config/setting.ts";

export const catalogSettings = {
  territory: {
    kind: "text",
    name: "MILLRACE_TERRITORY",
    secret: false,
    default: "",
    sentence:
      "Country of the viewers (ISO 3166-1, two letters), for titles that may be watched in some countries only. Empty: not known, and only titles that are free everywhere are shown.",
  },
  unratedAge: {
    kind: "number",
    name: "MILLRACE_UNRATED_AGE",
    unit: "years",
    min: 0,
    max: 18,
    default: 18,
    sentence: "From what age on a title is shown that nobody rated.",
  },
  windowGraceMinutes: {
    kind: "number",
    name: "MILLRACE_WINDOW_GRACE_MINUTES",
    unit: "min",
    min: 0,
    max: 1440,
    default: 240,
    sentence:
      "How long a play that began in time may go on after its title's window closed, so that nobody is thrown out of a film.",
  },
  searchesPerMinute: {
    kind: "number",
    name: "MILLRACE_SEARCHES_PER_MINUTE",
    unit: "requests/min",
    min: 10,
    max: 100_000,
    default: 600,
    sentence: "Searches that one account may make per minute; a page asks at every letter.",
  },
  searchDeadlineMs: {
    kind: "number",
    name: "MILLRACE_SEARCH_DEADLINE_MS",
    unit: "ms",
    min: 10,
    max: 10_000,
    default: 500,
    sentence:
      "How long a search waits for the database's index; then it answers from memory, and mends no typing errors.",
  },
  importMib: {
    kind: "number",
    name: "MILLRACE_IMPORT_MIB",
    unit: "MiB",
    min: 1,
    max: 1024,
    default: 64,
    sentence: "Largest file of an import of the catalogue.",
  },
  pictureKib: {
    kind: "number",
    name: "MILLRACE_PICTURE_KIB",
    unit: "KiB",
    min: 16,
    max: 65_536,
    default: 4096,
    sentence: "Largest picture of a work.",
  },
} as const satisfies SettingsTable;
