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

test("[CO454] of an address neither who asks nor what it asks with is shown: keys are carried there", () => {
  const shown = [
    [
      "https://ada:hush@drm.example/wv?key=hush&lang=de#hush",
      "https://***@drm.example/wv?key=***&lang=***#***",
    ],
    ["https://hush@drm.example/wv", "https://***@drm.example/wv"],
    ["https://drm.example/wv?hush", "https://drm.example/wv?***"],
    ["kafka://u:hush@host:9092,other:9092/prefix", "kafka://***@host:9092,other:9092/prefix"],
    ["postgres://u:hu@sh@host/db?sslmode=require", "postgres://***@host/db?sslmode=***"],
    ["http://a:hush@x, http://b:hush@y", "http://***@x, http://***@y"],
    ["http://127.0.0.1:4318/v1/metrics", "http://127.0.0.1:4318/v1/metrics"],
    ["10.0.0.0/8, mail@example.org", "10.0.0.0/8, mail@example.org"],
    ["DE?", "DE?"],
  ];
  for (const [given = "", told] of shown) {
    const row = { kind: "text", name: "MILLRACE_URL", default: "", secret: false, sentence: "Url." } as const;
    const [group] = shownSettings({ a: { row } }, { MILLRACE_URL: given });
    assert.equal(group?.settings[0]?.value, told);
  }
});
