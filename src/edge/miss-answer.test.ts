import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes } from "#units/quantity.ts";
import type { Source } from "./fill-state.ts";
import { type MissWish, missState } from "./miss-answer.ts";

const quiet: MissWish = { answer: "404", pullTitles: 0, pullBytes: bytes(1e9), folder: "/box/nginx/pull" };

function peer(baseUrl: string): Source {
  return { sourceId: "peer", kind: "peer", baseUrl };
}

function origin(baseUrl: string): Source {
  return { sourceId: "origin", kind: "origin", baseUrl };
}

test("[ED57] without a wish a miss is 404; with one, viewers are sent to the origin that the plan names", () => {
  const plan = [
    { titleId: "t1", sources: [peer("http://192.0.2.2:8181")] },
    { titleId: "t2", sources: [peer("http://192.0.2.3:8181"), origin("https://origin.example/")] },
  ];
  assert.deepEqual(missState(quiet, plan), { redirect: undefined, pull: undefined });
  const sent = missState({ ...quiet, answer: "307" }, plan);
  assert.deepEqual(sent.redirect, { status: 307, baseUrl: "https://origin.example" });
  assert.equal(
    missState({ ...quiet, answer: "302" }, plan.slice(0, 1)).redirect,
    undefined,
    "no origin: 404",
  );
});

test("[ED60] an address that nginx could misread is neither sent to nor pulled from", () => {
  const tricks = [
    "http://a b",
    'http://a"b',
    "http://a;return",
    "http://$host",
    "http://a/path",
    "http://a\n",
    "ftp://a",
    "http://a{",
    "http://u@h",
    "javascript:alert(1)",
    "",
  ];
  for (const trick of tricks) {
    const plan = [{ titleId: "t1", sources: [origin(trick)] }];
    const found = missState({ ...quiet, answer: "302", pullTitles: 5 }, plan);
    assert.deepEqual(found, { redirect: undefined, pull: undefined }, JSON.stringify(trick));
  }
  for (const name of ["http://origin.example:8180", "https://192.0.2.1"])
    assert.equal(
      missState({ ...quiet, pullTitles: 5 }, [{ titleId: "t", sources: [origin(name)] }]).pull,
      undefined,
    );
});

test("[ED59] the plan's first titles are pulled, each from its best source that is a plain address", () => {
  const plan = [
    {
      titleId: "t1",
      sources: [peer("https://192.0.2.9"), peer("http://192.0.2.2:8181"), origin("http://192.0.2.1")],
    },
    { titleId: "t1", sources: [origin("http://192.0.2.1")] },
    { titleId: "T1", sources: [origin("http://192.0.2.7")] },
    { titleId: "t2", sources: [origin("http://[2001:db8::1]:8180/")] },
    { titleId: "t3", sources: [peer("http://192.0.2.2:8181")] },
    { titleId: "t4", sources: [peer("http://192.0.2.2:8181")] },
  ];
  assert.deepEqual(missState({ ...quiet, pullTitles: 3 }, plan).pull, {
    folder: "/box/nginx/pull",
    bytes: 1e9,
    sources: [
      { address: "192.0.2.2:8181", titles: ["t1", "t3"] },
      { address: "[2001:db8::1]:8180", titles: ["t2"] },
    ],
  });
  assert.equal(missState({ ...quiet, pullTitles: 3 }, []).pull, undefined);
});
