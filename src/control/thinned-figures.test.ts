// What is counted of a log that was thinned while it filled up, against what the whole log gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run, type Said, said, theEnd } from "#qoe/sample-stream.ts";
import { percentile } from "#qoe/sketch.ts";
import type { WindowRecord } from "#qoe/stream-record.ts";
import { longMs } from "#qoe/stream-settings.ts";
import { seededRandom } from "#units/random.ts";
import { thinned } from "./thinning.ts";

const sessions = 1500;

/** Sessions that start, play with stalls and switches, and end, within a minute. */
function wholeLog(): readonly Said[] {
  const random = seededRandom(53);
  return Array.from({ length: sessions }, (_, nth) => {
    const sessionId = `s${nth}`;
    const startupMs = 300 + Math.floor(random.next() * 2000);
    const stallMs = random.next() < 0.3 ? 400 : 0;
    const lasts = 2 + Math.floor(random.next() * 3);
    const at = (seq: number, more: Partial<Parameters<typeof said>[0]>) =>
      said({ sessionId, seq, startupMs, atMs: seq * 8000, switchCount: Math.floor(seq / 2), ...more });
    return [
      at(1, { state: "start", startupMs: 0 }),
      ...Array.from({ length: lasts }, (_, i) => at(i + 2, { stallMs: i > 0 ? stallMs : 0, stallCount: 0 })),
      at(lasts + 2, { state: "ended", stallMs }),
    ];
  }).flat();
}

function minuteOf(log: readonly Said[]): WindowRecord {
  const found = run([...log, ...theEnd]).records.find(
    (one): one is WindowRecord => one.kind === "window" && one.sizeMs === longMs && one.by === "title",
  );
  assert.ok(found !== undefined);
  return found;
}

test("[QO53] figures of a log that was thinned to a tenth are estimates without a bias, and say so", () => {
  const log = wholeLog();
  const sampled = log.flatMap((one): readonly Said[] =>
    thinned("sampled", one.logged.beacon.sessionId, [one.logged.beacon]).map(({ weight }) => ({
      ...one,
      logged: { ...one.logged, ...(weight !== undefined && { weight }) },
    })),
  );
  const [whole, part] = [minuteOf(log), minuteOf(sampled)];
  assert.equal(whole.estimates, undefined);
  assert.ok((part.estimates ?? 0) > sessions);
  assert.equal(part.plays, whole.plays, "milestones are all there");
  for (const name of ["starts", "playMs", "stallMs", "switches", "startupMs", "playedBits"] as const) {
    const off = part[name] / whole[name] - 1;
    assert.ok(Math.abs(off) < 0.2, `${name}: ${part[name]} for ${whole[name]}`);
  }
  const median = ({ startupBuckets }: WindowRecord): number =>
    percentile(new Map(Object.entries(startupBuckets).map(([at, n]) => [Number(at), n])), 0.5) ?? 0;
  assert.ok(Math.abs(median(part) / median(whole) - 1) < 0.15, `${median(part)} for ${median(whole)}`);
});
