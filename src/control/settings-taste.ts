// How often taste is learned, from how much, and how long a model is believed.
import type { SettingsTable } from "#config/setting.ts";

export const tasteSettings = {
  tasteHours: {
    kind: "number",
    name: "MILLRACE_TASTE_HOURS",
    unit: "h",
    min: 0.01,
    max: 8760,
    default: 24,
    sentence: "How often the model of taste is made anew from what was watched.",
  },
  tasteDays: {
    kind: "number",
    name: "MILLRACE_TASTE_DAYS",
    unit: "days",
    min: 1,
    max: 3650,
    default: 365,
    sentence: "How long what was watched counts for taste.",
  },
  tasteStaleDays: {
    kind: "number",
    name: "MILLRACE_TASTE_STALE_DAYS",
    unit: "days",
    min: 1,
    max: 3650,
    default: 14,
    sentence: "Age at which a model of taste is not believed any more, and popularity stands in for it.",
  },
  tasteTitles: {
    kind: "number",
    name: "MILLRACE_TASTE_TITLES",
    unit: "titles",
    min: 2,
    max: 5000,
    default: 1500,
    sentence:
      "Titles that taste is learned for, those that most profiles watched; the work grows with the cube of their number.",
  },
  tasteNeighbours: {
    kind: "number",
    name: "MILLRACE_TASTE_NEIGHBOURS",
    unit: "titles",
    min: 1,
    max: 5000,
    default: 100,
    sentence: "Weights kept of each title on others, the strongest.",
  },
  tastePlays: {
    kind: "number",
    name: "MILLRACE_TASTE_PLAYS",
    unit: "plays",
    min: 10,
    max: 100_000_000,
    default: 2_000_000,
    sentence: "Watched titles of profiles that taste is learned from at most, the newest.",
  },
} as const satisfies SettingsTable;
