// What the player does about keys, without a browser: where it asks, when it asks anew, and what it makes of a refusal.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { PlayAnswer } from "#wire/viewer.ts";
import { Licences } from "./licence.ts";

const folder = "http://a1/t/1/s-1/k/v/film/";

const smallAnswer: PlayAnswer = {
  ...{
    sessionId: "s-1",
    sessionToken: "token",
    titleId: "film",
    durationMs: 9000,
    heartbeatIntervalMs: 10_000,
  },
  lease: { generation: 3, ttlMs: 45_000, renewAfterMs: 10_000 },
  ...{ beatUrl: "/v1/play/s-1/beat", releaseUrl: "/v1/play/s-1/release", sessionEndsAtMs: 1e13 },
  ...{ prefix: "/t/1/s-1/k/v/film/", expiresAtMs: 1 },
  manifests: [{ sourceId: "a1", dash: `${folder}m.mpd`, hls: `${folder}m.m3u8` }],
  sources: { audio: [{ sourceId: "a1", baseUrl: `${folder}audio/` }] },
  sidecarUrls: [`${folder}sidecar.json`],
  storyboardUrl: `${folder}storyboard.vtt`,
  steering: { address: "", ranked: [], eliminated: [] },
  resume: null,
};

const encode = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
const kid = "LwVHf8JLtPrv2GUXFW2v_A";
const ttlMs = 45_000;

/** A page with a clock that the test moves, and a licence server that answers as it is told. */
function stage(t: TestContext) {
  let nowMs = 0;
  let said: { status: number; body: unknown } = { status: 200, body: { keys: [], type: "temporary" } };
  const [asked, told] = [[] as string[], [] as string[]];
  t.mock.method(performance, "now", () => nowMs);
  t.mock.method(globalThis, "fetch", async (url: unknown, init?: RequestInit) => {
    asked.push(`${url} ${init?.body}`);
    return new Response(JSON.stringify(said.body), { status: said.status });
  });
  const licence = { clearkey: "/v1/licence/clearkey", systems: {}, headers: { authorization: "Bearer t" } };
  const answer = {
    ...smallAnswer,
    licence,
    sessionToken: "t~1",
    lease: { generation: 1, ttlMs, renewAfterMs: 1 },
  };
  const ports = {
    ...{ answer: () => answer, lost: () => void told.push("lost"), note: () => void told.push("note") },
    refused: (error: { code: string }) => void told.push(error.code),
  };
  return {
    licences: new Licences(ports, new AbortController().signal),
    ...{ asked, told },
    pass: (ms: number) => {
      nowMs += ms;
    },
    answers: (status: number, code: string) => {
      said = { status, body: { error: { code, message: code } } };
    },
  };
}

const settle = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await turn();
};

test("[CO267] keys are asked for anew once per lease, with the session's token and the same kids", async (t) => {
  const { licences, asked, pass, told } = stage(t);
  pass(ttlMs);
  licences.renewed();
  assert.deepEqual(asked, [], "no key was asked for yet");
  licences.asked(encode({ kids: [kid], type: "temporary" }));
  licences.asked(encode({ kids: [kid] }));
  for (let n = 0; n < 10; n++) {
    licences.renewed();
    pass(ttlMs / 5);
  }
  await settle();
  const one = `/v1/licence/clearkey?token=t~1 ${JSON.stringify({ kids: [kid], type: "temporary" })}`;
  assert.deepEqual([asked, told], [[one, one], []]);
});

test("[CO267] a lost screen is lost, a right that is gone ends the film, and silence does neither", async (t) => {
  const { licences, pass, told, answers } = stage(t);
  licences.asked(encode({ kids: [kid] }));
  for (const [status, code] of [
    [409, "screen-lost"],
    [403, "account-suspended"],
    [403, "denied"],
    [403, "keys-not-granted"],
    [503, "database-unreachable"],
  ] as const) {
    answers(status, code);
    pass(ttlMs);
    licences.renewed();
    await settle();
  }
  assert.deepEqual(told, ["lost", "account-suspended", "denied", "note", "note"]);
});

test("[CO267] a challenge of another system is asked for once, by the browser", async (t) => {
  const { licences, pass, asked } = stage(t);
  licences.asked(new Uint8Array([8, 1, 255]));
  pass(ttlMs);
  licences.renewed();
  assert.deepEqual(asked, []);
});
