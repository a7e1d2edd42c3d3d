// Ten minutes of film with the drawer open: what a player keeps is bounded. MILLRACE_TEST_LONG=1 runs it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import type { CDPSession } from "playwright-core";
import { makeFilm } from "./player-film.ts";
import { onStage, openTheatre, playsTo, stateOf, type Theatre } from "./player-theatre.ts";

const long = process.env.MILLRACE_TEST_LONG === "1";
const skip = long ? false : "ten minutes: MILLRACE_TEST_LONG=1 runs it";
const minutes = 10;
const fromMinute = 2;
const most = 1.1;

let theatre: Theatre | undefined;
before(async () => {
  if (!long) return;
  const seconds = (minutes + 1) * 60;
  theatre = await openTheatre((folder) => makeFilm(folder, seconds, new AbortController().signal));
});
after(() => theatre?.close());

/** What is in use once everything that can go is gone. */
async function heapBytes(devtools: CDPSession): Promise<number> {
  // What a first collection lets go of may hold what a second one takes.
  for (let round = 0; round < 3; round++) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize;
}

test("[WE90] the heap of minute ten is within a tenth of that of minute two", { skip }, async (t) => {
  assert.ok(theatre !== undefined);
  if (theatre.missing !== undefined) return t.skip(theatre.missing);
  await onStage(theatre, {}, async ({ page, context, complaints }) => {
    await playsTo(page, 1000);
    await page.keyboard.press("c");
    await page.keyboard.press("i");
    const devtools = await context.newCDPSession(page);
    await devtools.send("HeapProfiler.enable");
    const heaps: number[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      await rest(60_000);
      heaps.push(await heapBytes(devtools));
      t.diagnostic(`minute ${minute}: ${((heaps.at(-1) ?? 0) / 1e6).toFixed(2)} MB`);
    }
    const state = await stateOf(page);
    assert.ok((state?.positionMs ?? 0) > minutes * 57_000, `it did play: ${state?.positionMs} ms`);
    const base = heaps[fromMinute - 1] ?? 0;
    assert.ok(base > 1e6 && (heaps.at(-1) ?? 0) < base * most, heaps.join());
    assert.deepEqual(complaints, []);
  });
});
