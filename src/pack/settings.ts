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
