import type { SettingsTable } from "#config/setting.ts";

/** What an operator may change about packaging. */
export const packSettings = {
  pieceMib: {
    kind: "number",
    name: "MILLRACE_PACK_PIECE_MIB",
    unit: "MiB",
    min: 1,
    max: 1900,
    default: 1024,
    sentence:
      "The largest encoded piece or sound file that the packager takes into memory; a larger one is refused.",
  },
  subtitleMib: {
    kind: "number",
    name: "MILLRACE_PACK_SUBTITLE_MIB",
    unit: "MiB",
    min: 0.1,
    max: 64,
    default: 8,
    sentence: "The largest file of subtitles that is read; two hours of speech take a fifth of a MiB.",
  },
  deadlineMinutes: {
    kind: "number",
    name: "MILLRACE_PACK_DEADLINE_MINUTES",
    unit: "min",
    min: 1,
    max: 1440,
    default: 60,
    sentence: "How long packaging one title may take before it is stopped.",
  },
} as const satisfies SettingsTable;
