import assert from "node:assert/strict";
import { test } from "node:test";
import { readCmcdQuery } from "#wire/cmcd.ts";
import type { PlayAnswer } from "#wire/viewer.ts";
import { CmcdTeller } from "./cmcd.ts";

const answer: PlayAnswer = {
  ...{
    sessionId: "s-1",
    sessionToken: "token",
    titleId: "film",
    durationMs: 9000,
    heartbeatIntervalMs: 2000,
  },
  ...{ lease: { generation: 1, ttlMs: 45_000, renewAfterMs: 10_000 }, beatUrl: "", releaseUrl: "" },
  ...{ sessionEndsAtMs: 0, prefix: "/t/" },
  ...{ expiresAtMs: 0, manifests: [], sources: {}, sidecarUrls: [], storyboardUrl: "", resume: null },
  steering: { address: "", ranked: [], eliminated: [] },
};

const observation = () => ({
  ...{ positionMs: 0, durationMs: 9000, bufferMs: 0, bitrateBps: 1e6, height: 360, throughputBps: 2e6 },
  ...{
    state: "playing" as const,
    stallCount: 0,
    stallMs: 0,
    switchCount: 0,
    startupMs: 300,
    applianceId: "a",
  },
  because: "",
});

test("[PY153] the pace that the rule asked for last is told, with the buffer of the moment", () => {
  const recorder = { observation, note: () => undefined };
  const ports = { recorder, video: { playbackRate: 1 }, bufferMs: () => 4030 };
  const teller = new CmcdTeller(answer, ports, new AbortController().signal);
  const told = () => {
    const query = teller.query({ media: "video", kbps: 600, topKbps: 900, durationMs: 2000 });
    const said = readCmcdQuery(query.slice(1));
    return [said?.sn, said?.rtp, said?.bl, said?.mtp];
  };
  assert.deepEqual(told(), [0, undefined, 4000, 2000]);
  teller.paced(1533);
  assert.deepEqual(told(), [1, 1500, 4000, 2000]);
  teller.paced(undefined);
  assert.deepEqual(told(), [2, undefined, 4000, 2000]);
  assert.equal(teller.hinted(4000), 4000, "nobody has said anything");
});
