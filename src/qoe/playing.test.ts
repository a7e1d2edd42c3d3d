// What sessions played: by codec and rule.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run, said, textsOf, theEnd } from "./sample-stream.ts";
import { takeBatch } from "./stream-job.ts";
import { newStream, restored, saved } from "./stream-state.ts";

test("[QO54] a session's record has codec and rule as last told; windows, and sessions that never told them, are as before", () => {
  const words = [
    said({ seq: 1, state: "start", codec: "h264", rule: "default" }),
    said({ seq: 3, atMs: 20_000, rule: "mpc" }),
    // Overtaken: what it says played before.
    said({ seq: 2, atMs: 20_001, codec: "av1", rule: "rmin" }),
    said({ seq: 4, atMs: 30_000, state: "closed" }),
  ];
  const mute = words.map((one) => {
    const { codec: _, rule: __, ...beacon } = one.logged.beacon;
    return { ...one, logged: { ...one.logged, beacon } };
  });
  const told = run([...words, ...theEnd]).records;
  const before = run([...mute, ...theEnd]).records;
  const sessions = told.filter((one) => one.kind === "session");
  assert.deepEqual(
    sessions.map(({ codec, rule }) => [codec, rule]),
    [["h264", "mpc"]],
  );
  const unsaid = told.map((record) => {
    if (record.kind !== "session") return record;
    const { codec: _, rule: __, ...rest } = record;
    return rest;
  });
  assert.deepEqual(textsOf(unsaid), textsOf(before));
  assert.ok(textsOf(before).every((text) => !text.includes("codec") && !text.includes("rule")));
  // Saved and read back between any two of them.
  let state = newStream();
  for (const input of [...words, ...theEnd]) {
    const step = takeBatch(restored(JSON.parse(JSON.stringify(saved(state)))), [input]);
    state = step.state;
    for (const one of step.records) if (one.kind === "session") assert.equal(one.codec, "h264");
  }
});
