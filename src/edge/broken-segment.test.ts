// Who gets a broken segment, and what a broken segment is.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { armOf, type BrokenSegment, type Damage, damages, enrolledId } from "#model/experiment.ts";
import { brokenAnswer, candidatePattern, damageFor, readSignedRequest } from "./broken-segment.ts";

const seed = 50_050;
const rule: BrokenSegment = {
  id: "x00c0ffee",
  share: 0.25,
  segment: 50,
  damages,
  stallMs: 8000,
  endsAtMs: 1e6,
};
const whole = Buffer.concat([
  Buffer.from([0, 0, 0, 8]),
  Buffer.from("moof"),
  Buffer.from([0, 0, 0, 108]),
  Buffer.from("mdat"),
  Buffer.alloc(100, 7),
]);

function nameOf(kind: "treatment" | "control" | "none"): string {
  const names = Array.from({ length: 200 }, (_, n) => enrolledId(`s${n}`, rule));
  return names.find((name) => armOf(name, rule).kind === kind) ?? "";
}

const asked = (sessionId: string, path: string) => ({ sessionId, titleId: "film", path });

test("[ED40] the treatment arm's segment is broken in every video rendition, and nothing else is", () => {
  const treated = nameOf("treatment");
  const arm = armOf(treated, rule);
  assert.ok(arm.kind === "treatment");
  for (const path of ["v360-1/50.m4s", "v1080-2/50.m4s", "av1-360-1/50.m4s", "hevc-720-1/50.m4s"])
    assert.equal(damageFor(rule, asked(treated, path), 0), arm.damage, path);
  for (const path of [
    "v360-1/5.m4s",
    "v360-1/500.m4s",
    "v360-1/150.m4s",
    "v360-1/init.mp4",
    "audio/50.m4s",
    "ts/50.m4s",
    "manifest.mpd",
    "a/v360-1/50.m4s",
  ])
    assert.equal(damageFor(rule, asked(treated, path), 0), undefined, path);
  for (const name of [nameOf("control"), nameOf("none"), treated.replace(`${rule.id}.`, ""), `a${treated}`])
    assert.equal(damageFor(rule, asked(name, "v360-1/50.m4s"), 0), undefined, name);
  assert.equal(damageFor({ ...rule, id: "x00c0ffef" }, asked(treated, "v360-1/50.m4s"), 0), undefined);
});

test(`[ED40] nobody outside the treatment arm is touched, whatever is asked; seed ${seed}`, () => {
  const names = fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => enrolledId(id, rule)),
    fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,60}$/),
  );
  fc.assert(
    fc.property(names, fc.constantFrom("v360-1/50.m4s", "v360-1/49.m4s", "audio/50.m4s"), (name, path) => {
      const damage = damageFor(rule, asked(name, path), 0);
      const treated = armOf(name, rule).kind === "treatment" && path === "v360-1/50.m4s";
      assert.equal(damage !== undefined, treated);
    }),
    { seed, numRuns: 2000 },
  );
});

test("[ED42] from its end on nothing is broken", () => {
  const request = asked(nameOf("treatment"), "v360-1/50.m4s");
  assert.notEqual(damageFor(rule, request, 999_999), undefined);
  assert.equal(damageFor(rule, request, 1_000_000), undefined);
});

test("[ED40] a signed path is taken apart, and what is none is nothing", () => {
  const url = "/t/1700000000/x00c0ffee.s1/k1.abc/v/film/v360-1/50.m4s?CMCD=sid%3D1";
  assert.deepEqual(readSignedRequest(url), asked("x00c0ffee.s1", "v360-1/50.m4s"));
  for (const wrong of ["", "/", "/t/1/s/k.s/v/film/a", "/v/film/v360-1/50.m4s"])
    assert.equal(readSignedRequest(wrong), undefined, wrong);
  assert.match("x00c0ffee.s1/v360-1/50.m4s", new RegExp(candidatePattern(rule)));
});

test("[ED41] each way of breaking does what its name says", () => {
  const given = (damage: Damage) => brokenAnswer(whole, damage, 8000);
  const differing = (body: Uint8Array) => [...body].filter((byte, at) => byte !== whole[at]).length;

  const flip = given("bit-flip");
  assert.deepEqual([flip.status, flip.body.length, differing(flip.body)], [200, whole.length, 1]);
  const cut = given("truncation");
  assert.ok(cut.body.length < whole.length && cut.announcedBytes === cut.body.length);
  assert.deepEqual([given("not-found").status, given("unavailable").status], [404, 503]);
  const other = given("wrong-content");
  assert.equal(other.body.length, whole.length);
  assert.deepEqual(other.body.subarray(0, 16), whole.subarray(0, 16), "the boxes stay");
  assert.equal(differing(other.body), 100);
  const lie = given("lying-length");
  assert.deepEqual(Buffer.from(lie.body), whole);
  assert.ok(lie.announcedBytes > whole.length);
  const stall = given("stall");
  assert.equal(stall.silenceMs, 8000);
  assert.deepEqual(Buffer.concat([stall.body, stall.rest]), whole);
  assert.ok(stall.rest.length > 0 && stall.announcedBytes === whole.length);
});

test(`[ED41] whatever the segment holds, what is broken differs from it, and the file stays as it was; seed ${seed}`, () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 2, maxLength: 200 }),
      fc.constantFrom(...damages),
      (body, damage) => {
        const before = Buffer.from(body);
        const { status, body: first, rest, announcedBytes, silenceMs } = brokenAnswer(body, damage, 8000);
        const same = status === 200 && before.equals(Buffer.concat([first, rest]));
        assert.ok(!same || announcedBytes !== body.length || silenceMs > 0);
        assert.deepEqual(Buffer.from(body), before);
      },
    ),
    { seed, numRuns: 500 },
  );
});
