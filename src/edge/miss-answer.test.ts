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

function bundle(
  titleId: string,
  sources: readonly Source[],
  sha256 = "a".repeat(64),
  id = `${titleId}/v360`,
) {
  return { id, titleId, sources, files: [{ path: `${id}/0.m4s`, bytes: 9, sha256 }] };
}

test("[ED57] without a wish a miss is 404; with one, viewers are sent to the origin that the plan names", () => {
  const plan = [
    bundle("t1", [peer("http://192.0.2.2:8181")]),
    bundle("t2", [peer("http://192.0.2.3:8181"), origin("https://origin.example/")]),
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
    const plan = [bundle("t1", [origin(trick)])];
    const found = missState({ ...quiet, answer: "302", pullTitles: 5 }, plan);
    assert.deepEqual(found, { redirect: undefined, pull: undefined }, JSON.stringify(trick));
  }
  for (const name of ["http://origin.example:8180", "https://192.0.2.1"])
    assert.equal(missState({ ...quiet, pullTitles: 5 }, [bundle("t", [origin(name)])]).pull, undefined);
});

test("[ED59] the plan's first titles are pulled, each from its best source that is a plain address", () => {
  const plan = [
    bundle("t1", [peer("https://192.0.2.9"), peer("http://192.0.2.2:8181"), origin("http://192.0.2.1")]),
    bundle("t1", [origin("http://192.0.2.1")]),
    bundle("T1", [origin("http://192.0.2.7")]),
    bundle("t2", [origin("http://[2001:db8::1]:8180/")]),
    bundle("t3", [peer("http://192.0.2.2:8181")]),
    bundle("t4", [peer("http://192.0.2.2:8181")]),
  ];
  const { sources, ...rest } = missState({ ...quiet, pullTitles: 3 }, plan).pull ?? { sources: [] };
  assert.deepEqual(rest, { folder: "/box/nginx/pull", bytes: 1e9 });
  assert.deepEqual(
    sources.map(({ address, titles }) => [address, titles.map(({ id }) => id)]),
    [
      ["192.0.2.2:8181", ["t1", "t3"]],
      ["[2001:db8::1]:8180", ["t2"]],
    ],
  );
  assert.equal(missState({ ...quiet, pullTitles: 3 }, []).pull, undefined);
});

test("[ED65] a title's version is another for other content, more files or another source, and for nothing else", () => {
  const wish = { ...quiet, pullTitles: 5 };
  const [here, there] = [[peer("http://192.0.2.2:8181")], [peer("http://192.0.2.3:8181")]];
  const versionOf = (plan: Parameters<typeof missState>[1]): string | undefined =>
    missState(wish, plan)
      .pull?.sources.flatMap(({ titles }) => titles)
      .find(({ id }) => id === "t1")?.version;
  const low = bundle("t1", here);
  const high = bundle("t1", here, "b".repeat(64), "t1/v720");
  const before = versionOf([low, high]);
  assert.match(before ?? "", /^[0-9a-f]{16}$/);
  assert.equal(versionOf([bundle("t0", there), high, low]), before, "the plan's order and its other titles");
  const others = [
    [low, bundle("t1", here, "c".repeat(64), "t1/v720")],
    [low],
    [bundle("t1", there), high],
  ].map(versionOf);
  assert.equal(new Set([before, ...others]).size, 4);
});
