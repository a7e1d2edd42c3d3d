// Cut out of a body's text, an event is that event, or nothing is cut.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Beacon } from "#model/beacon.ts";
import { eventTexts } from "./as-it-came.ts";
import { Intake } from "./intake.ts";
import { fromRecord } from "./telemetry.ts";

/** What could be taken for the seams of a body, among other things. */
const seams = fc
  .array(fc.constantFrom('"events":[{', "},{", "}]", "}", "{", "]}", '"', "\\", ":", ",", "a", "é", "\n"), {
    maxLength: 5,
  })
  .map((parts) => parts.join(""));
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("", 'a",[:', "b]:[,\\") },
  { weight: 1, arbitrary: seams },
);
const event = fc.record({ because: word, seq: fc.nat(), applianceId: word }, { requiredKeys: ["seq"] });
const events = fc.array(event, { minLength: 1, maxLength: 4 });

test("[CO457] what is cut out of a body is each of its events, whatever their words hold", () => {
  const cut = { plain: 0, others: 0 };
  const law = fc.property(
    ...[word, events, fc.constantFrom(undefined, 2), fc.boolean()],
    (sessionToken, list, indent, isFirst) => {
      const body = isFirst ? { events: list, sessionToken } : { sessionToken, events: list };
      const texts = eventTexts(JSON.stringify(body, null, indent), list);
      const words = [sessionToken, ...list.flatMap(({ because, applianceId }) => [because, applianceId])];
      const isPlain = indent === undefined && !words.some((one) => /[{}]/.test(one ?? ""));
      cut[isPlain ? "plain" : "others"] += 1;
      if (isPlain) assert.ok(texts !== undefined);
      if (texts === undefined) return;
      assert.deepEqual(
        texts.map((one) => JSON.parse(one ?? "{}")),
        JSON.parse(JSON.stringify(list)),
      );
    },
  );
  fc.assert(law, { numRuns: 3000, seed: 20_261_127 });
  assert.ok(cut.plain > 100 && cut.others > 100, JSON.stringify(cut));
});

test("[CO457] where a body says a thing twice, or holds what is no event, nothing wrong is cut", () => {
  const one = '{"seq":1}';
  const cases: readonly (readonly [text: string, count: number, cut: readonly string[] | undefined])[] = [
    [`{"events":[],"events":[${one}]}`, 1, [one]],
    [`{"events":[${one}],"events":[{"seq":2}]}`, 1, undefined],
    [`{"events":[${one}],"sentMs":{},"sentMs":1}`, 1, undefined],
    [`{"sentMs":[{"events":[${one}]}],"sentMs":1,"events":[{"seq":2}]}`, 1, undefined],
    [`{"events":[{"seq":{},"seq":1}]}`, 1, undefined],
    [`{"events": [${one}]}`, 1, undefined],
    [`{"events":[${one}, ${one}]}`, 2, undefined],
    [`{"\\u0065vents":[${one}]}`, 1, undefined],
    [`{"events":[${one},${one}]}`, 1, undefined],
    [`{"events":[${one}]}`, 2, undefined],
    [`{"events":[`, 1, undefined],
  ];
  for (const [text, count, cut] of cases)
    assert.deepEqual(eventTexts(text, Array(count).fill({ seq: 1 })), cut, text);
});

test("[CO457] the text of an event that was stretched is not what is written", () => {
  const because = (text: string): string => `{"seq":1,"because":"${text}"}`;
  const words = ["a, b :\t", '"', "\\", '\\"', '\\\\", "', "x".repeat(2000)];
  const tight = words.map((word) => JSON.stringify({ seq: 1, because: word }));
  const stretched = [
    `{"seq":1,${" ".repeat(60_000)}"because":""}`,
    ...[
      '{ "seq":1,"because":""}',
      '{"seq":1,"because":"" }',
      '{"seq": 1,"because":""}',
      '{"seq":1\n,"because":""}',
    ],
    ...[
      '{"seq":2,"seq":1,"because":""}',
      '{"seq":1,"because":"","\\u0073eq":1}',
      '{"seq":[1],"seq":1,"because":""}',
    ],
    `{"seq":1.${"0".repeat(2048)},"because":""}`,
    because("\\u0061".repeat(400)),
  ];
  const cut = (texts: readonly string[]): ReturnType<typeof eventTexts> =>
    eventTexts(
      `{"events":[${texts.join(",")}]}`,
      texts.map((text) => JSON.parse(text)),
    );
  assert.deepEqual(cut(tight), tight);
  for (const text of stretched)
    assert.deepEqual(cut([because(""), text]), [because(""), undefined], text.slice(0, 80));
});

test("[CO457] an event is written as it came; one that was altered, or whose text is not known, is written anew", async () => {
  const records: Uint8Array[] = [];
  const append = async (values: readonly Uint8Array[]): Promise<number> => records.push(...values);
  const intake = new Intake({
    ...{ log: { append, fill: () => 0 }, positionEveryMs: 1, nowMs: () => 0 },
    count: () => undefined,
  });
  const beacon = (seq: number, positionMs: number): Beacon => ({
    ...{ sessionId: "s", seq, state: "playing", positionMs, durationMs: 60_000, bufferMs: 0, bitrateBps: 1 },
    ...{ height: 360, throughputBps: 1, stallCount: 0, stallMs: 0, switchCount: 0, startupMs: 1 },
    ...{ applianceId: "a1", because: "é" },
  });
  const said = [beacon(1, 1000), beacon(2, 90_000)];
  const texts = said.map((one) => JSON.stringify(one).replace('"seq"', '"\\u0073eq"'));
  await intake.keep({ sessionId: "s", said: { events: said, texts, sentMs: 9.5 }, receivedMs: 7 });
  await intake.keep({ sessionId: "s", said: { events: [beacon(3, 2000)] }, receivedMs: 8 });
  const text = records.map((value) => new TextDecoder().decode(value));
  assert.equal(text[0], `{"v":1,"at":7,"sent":9.5,"beacon":${texts[0]}}`);
  assert.deepEqual(
    records.map((value) => fromRecord(value)),
    [
      { receivedMs: 7, sentMs: 9.5, beacon: said[0] },
      { receivedMs: 7, sentMs: 9.5, beacon: beacon(2, 60_000) },
      { receivedMs: 8, beacon: beacon(3, 2000) },
    ],
  );
});
