// What the journey of the catalogue publishes: films with a rating, a window, a foreign territory, and a series; "bare" is described
// by no work.
import type { Work } from "#model/work.ts";
import { episode, film, series } from "#test/fixtures/small-works.ts";

/** The clock of the journey begins here: in the window of one film. */
export const begin = Date.UTC(2026, 0, 15);
export const hour = 3_600_000;
export const titles = ["matrix-t", "gone-t", "late-t", "kids-t", "ice-t", "fog-t", "bare"];
export const works: readonly Work[] = [
  film("matrix", {
    titleId: "matrix-t",
    names: { en: "The Matrix", de: "Die Matrix" },
    synopses: { en: "A hacker learns.", de: "Ein Hacker lernt." },
    genres: ["Science fiction"],
    credits: [{ name: "Keanu Reeves", job: "cast", role: "Neo" }],
    ratings: ["FSK 16"],
  }),
  film("kids", { titleId: "kids-t", names: { en: "Kids and Matches" }, age: 0 }),
  film("late", {
    titleId: "late-t",
    names: { en: "Late Show" },
    age: 0,
    windows: [{ territories: ["DE"], fromMs: begin, untilMs: begin + hour }],
  }),
  film("gone", {
    titleId: "gone-t",
    names: { en: "Gone Show" },
    age: 0,
    windows: [{ territories: ["FR"], fromMs: null, untilMs: null }],
  }),
  series("harbour", { names: { en: "Harbour" }, age: 12, seasons: [{ number: 1, names: { en: "Winter" } }] }),
  episode("ice", "harbour", [1, 1], { titleId: "ice-t", names: { en: "Ice" } }),
  episode("fog", "harbour", [2, 1], { titleId: "fog-t", names: { en: "Fog" } }),
];
