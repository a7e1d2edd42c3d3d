import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FrontCommand, type FrontLook, frontDown, step } from "./front-watch.ts";

const lookMs = 500;

/** Every command with its moment, for looks half a second apart. `asked` may know what was commanded before. */
function follow(
  looks: number,
  asked: (i: number, last: FrontCommand | undefined) => FrontLook,
): readonly { readonly atMs: number; readonly command: FrontCommand }[] {
  const told: { readonly atMs: number; readonly command: FrontCommand }[] = [];
  let state = frontDown(0);
  for (let i = 0; i < looks; i++) {
    const next = step(state, asked(i, told.at(-1)?.command), i * lookMs);
    state = next.state;
    for (const command of next.commands) told.push({ atMs: i * lookMs, command });
  }
  return told;
}

const commands = (told: ReturnType<typeof follow>): readonly FrontCommand[] =>
  told.map(({ command }) => command);

test("[ED133] a front that answers twice is announced; one that ends is withdrawn, and started again at once", () => {
  const looks: readonly FrontLook[] = [
    "gone",
    "silent",
    "answers",
    "answers",
    "answers",
    "gone",
    "gone",
    "answers",
    "answers",
  ];
  const told = follow(looks.length, (i) => looks[i] ?? "answers");
  assert.deepEqual(commands(told), ["start", "announce", "withdraw", "start", "announce"]);
  assert.deepEqual(
    told.map(({ atMs }) => atMs),
    [0, 1500, 2500, 3000, 4000],
  );
});

test("[ED133] one that runs and is silent for two seconds is killed, at its start after ten", () => {
  const told = follow(12, (i) => (i < 3 ? "answers" : "silent"));
  assert.deepEqual(commands(told), ["start", "announce", "kill", "withdraw", "start"]);
  assert.equal(told[2]?.atMs, 3000);
  const mute = follow(22, () => "silent");
  assert.deepEqual(commands(mute), ["start", "kill", "start"]);
  assert.equal(mute[1]?.atMs, 10_000);
});

test("[ED133] one that keeps ending is started ever more rarely, down to once a minute", () => {
  const starts = follow(2 * 600, () => "gone").filter(({ command }) => command === "start");
  const pauses = starts.slice(1).map(({ atMs }, i) => atMs - (starts[i]?.atMs ?? 0));
  assert.ok(
    pauses.every((pause, i) => i === 0 || pause >= (pauses[i - 1] ?? 0)),
    `${pauses}`,
  );
  assert.ok((pauses.at(-1) ?? 0) >= 60_000 && (pauses.at(-1) ?? 0) <= 61_000, `${pauses}`);
  assert.ok(starts.length < 20, `${starts.length} in ten minutes`);
});

test("[ED133] a front that was up for a minute starts again without a long pause", () => {
  const told = follow(400, (i, last) => (i === 300 || last === "withdraw" ? "gone" : "answers"));
  const withdrawn = told.find(({ command }) => command === "withdraw");
  const again = told.filter(({ command }) => command === "start").at(-1);
  assert.ok(withdrawn !== undefined && again !== undefined);
  assert.ok(again.atMs - withdrawn.atMs <= 1000, `${again.atMs - withdrawn.atMs}`);
});

test("[ED132] whatever is seen, announcements and withdrawals take turns, and no more than two come with each start", () => {
  const look = fc.constantFrom<FrontLook>("gone", "silent", "answers");
  fc.assert(
    fc.property(fc.array(look, { maxLength: 400 }), (looks) => {
      const told = commands(follow(looks.length, (i) => looks[i] ?? "gone"));
      const turns = told.filter((command) => command === "announce" || command === "withdraw");
      assert.ok(
        turns.every((command, i) => command === (i % 2 === 0 ? "announce" : "withdraw")),
        `${turns}`,
      );
      const starts = told.filter((command) => command === "start").length;
      assert.ok(turns.length <= 2 * starts);
    }),
    { seed: 130 },
  );
});
