import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf, readSettings, type SettingsTable, unknownNames, withDefault } from "./setting.ts";

const table = {
  pace: {
    kind: "number",
    name: "MILLRACE_PACE",
    unit: "bit/s",
    min: 0,
    max: 10,
    default: 4,
    sentence: "Pace.",
  },
  key: { kind: "text", name: "MILLRACE_KEY", default: "", secret: true, sentence: "Key." },
  effort: {
    ...{ kind: "choice", name: "MILLRACE_EFFORT", choices: ["draft", "full"], default: "draft" },
    sentence: "Effort.",
  },
} as const satisfies SettingsTable;

test("what is absent or empty takes its default", () => {
  const reading = readSettings(table, { MILLRACE_PACE: "" });
  assert.deepEqual(reading, { kind: "read", values: { pace: 4, key: "", effort: "draft" } });
  assert.deepEqual(defaultsOf(table), { pace: 4, key: "", effort: "draft" });
});

test("a table may be read with another default, and what is set still wins", () => {
  const other = withDefault(table, "pace", 7);
  const paceOf = (environment: Readonly<Record<string, string>>): unknown => {
    const reading = readSettings(other, environment);
    return reading.kind === "read" && reading.values.pace;
  };
  assert.deepEqual([{}, { MILLRACE_PACE: "" }, { MILLRACE_PACE: "4" }].map(paceOf), [7, 7, 4]);
  assert.equal(defaultsOf(table).pace, 4);
});

test("numbers become numbers, at both ends of their range", () => {
  for (const value of [0, 10]) {
    const reading = readSettings(table, { MILLRACE_PACE: `${value}` });
    assert.equal(reading.kind === "read" && reading.values.pace, value);
  }
});

test("all complaints come at once, each with what was wanted and what was found", () => {
  const reading = readSettings(table, { MILLRACE_PACE: "11", MILLRACE_EFFORT: "lazy" });
  assert.deepEqual(reading.kind === "refused" && reading.complaints, [
    'MILLRACE_PACE: wanted 0…10 bit/s, found "11"',
    'MILLRACE_EFFORT: wanted one of draft, full, found "lazy"',
  ]);
  for (const odd of ["NaN", "1e999", "ten", "-1"]) {
    assert.equal(readSettings(table, { MILLRACE_PACE: odd }).kind, "refused", odd);
  }
});

test("the value of a secret stands in no complaint", () => {
  const reading = readSettings(table, { MILLRACE_KEY: "open sesame", MILLRACE_PACE: "x" });
  assert.ok(!JSON.stringify(reading).includes("sesame"));
});

test("a mistyped name is noticed, other programs' names are not", () => {
  const names = unknownNames([table], { MILLRACE_PAICE: "1", MILLRACE_PACE: "1", PATH: "/bin" });
  assert.deepEqual(names, ["MILLRACE_PAICE"]);
});
