import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettingsTable } from "./setting.ts";
import { shownSettings } from "./shown.ts";

const table = {
  pace: {
    ...{ kind: "number", name: "MILLRACE_PACE", unit: "bit/s", min: 0, max: 10, default: 4 },
    sentence: "Pace.",
  },
  span: { kind: "number", name: "MILLRACE_SPAN", unit: "ms", min: 0, max: 10, default: 1, sentence: "Span." },
  key: { kind: "text", name: "MILLRACE_KEY", default: "", secret: true, sentence: "Key." },
  effort: {
    ...{ kind: "choice", name: "MILLRACE_EFFORT", choices: ["draft", "full"], default: "draft" },
    sentence: "Effort.",
  },
} as const satisfies SettingsTable;

test("[CO454] each setting has its value and says where that came from; of a secret only whether it is set", () => {
  const environment = { MILLRACE_PACE: "7", MILLRACE_KEY: "hush", MILLRACE_EFFORT: "" };
  const groups = shownSettings({ a: table }, environment, { MILLRACE_SPAN: 3, MILLRACE_PACE: 2 });
  assert.deepEqual(
    groups[0]?.settings.map(({ name, value, isSet, from }) => [name, value, isSet, from]),
    [
      ["MILLRACE_PACE", 7, true, "environment"],
      ["MILLRACE_SPAN", 3, true, "program"],
      ["MILLRACE_KEY", null, true, "environment"],
      ["MILLRACE_EFFORT", "draft", true, "default"],
    ],
  );
  assert.ok(!JSON.stringify(groups).includes("hush"));
  const [none] = shownSettings({ a: table }, {});
  assert.deepEqual(
    none?.settings.map(({ value, isSet }) => [value, isSet]),
    [
      [4, true],
      [1, true],
      [null, false],
      ["draft", true],
    ],
  );
});
