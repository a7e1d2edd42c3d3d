import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type KeyLabel, keyLabels } from "#model/content-key.ts";
import { askedKids, clearKeyLicence } from "./clear-key.ts";
import { base64UrlOf, hexOf, hexOfUuid, uuidOf } from "./kid.ts";
import { decideLicence, type LicenceFacts, labelsOf } from "./rights.ts";

const hex = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((all) => Buffer.from(all).toString("hex"));
const keys = keyLabels.map((label, index) => ({ label, kid: `${index}f`.repeat(16), endsAtMs: undefined }));
const kidOf = (label: KeyLabel): string => keys.find((key) => key.label === label)?.kid ?? "";
const all: LicenceFacts = {
  ...{ lease: "lives", standing: "good", denied: false, keys, nowMs: 1000 },
  labels: new Set(keyLabels),
  asked: keys.map(({ kid }) => kid),
};

test("[LI6] a licence holds what was asked for, is the title's, and opens a listed rung", () => {
  const issued = (facts: Partial<LicenceFacts>) => decideLicence({ ...all, ...facts });
  assert.deepEqual(issued({}), { kind: "issue", kids: keys.map(({ kid }) => kid) });
  assert.deepEqual(issued({ asked: undefined }), issued({}));
  const sd = new Set<KeyLabel>(["SD", "AUDIO"]);
  assert.deepEqual(issued({ labels: sd }), { kind: "issue", kids: [kidOf("SD"), kidOf("AUDIO")] });
  assert.deepEqual(issued({ asked: [kidOf("HD"), "ee".repeat(16)] }), { kind: "issue", kids: [kidOf("HD")] });
  for (const nothing of [
    { asked: [] },
    { asked: ["ee".repeat(16)] },
    { labels: new Set<KeyLabel>() },
    { keys: [] },
  ]) {
    assert.deepEqual(issued(nothing), { kind: "refused", because: "not-granted" });
  }
});

test("[LI6] whatever the facts, nothing is issued that was not asked for, is another title's, or above the plan", () => {
  const label = fc.constantFrom(...keyLabels);
  const facts = fc.record({
    lease: fc.constantFrom("lives" as const, "lost" as const),
    standing: fc.constantFrom("good" as const, "none" as const, "suspended" as const),
    denied: fc.boolean(),
    keys: fc.array(fc.record({ kid: hex, label, endsAtMs: fc.option(fc.nat(2000), { nil: undefined }) })),
    labels: fc.array(label).map((list) => new Set(list)),
    nowMs: fc.nat(2000),
  });
  fc.assert(
    fc.property(facts, fc.array(hex), fc.array(fc.nat()), (given, strangers, picks) => {
      const own = picks.flatMap((pick) => given.keys[pick % Math.max(1, given.keys.length)]?.kid ?? []);
      const asked = [...own, ...strangers];
      const decision = decideLicence({ ...given, asked });
      const free = given.lease === "lives" && given.standing === "good" && !given.denied;
      if (decision.kind === "refused") return;
      assert.ok(free && decision.kids.length > 0);
      for (const kid of decision.kids) {
        const key = given.keys.find((one) => one.kid === kid && given.labels.has(one.label));
        assert.ok(key !== undefined && asked.includes(kid));
        assert.ok(given.nowMs < (key.endsAtMs ?? Number.POSITIVE_INFINITY));
      }
    }),
    { seed: 3 },
  );
});

test("[LI6] labels are those of the rungs that the play lists, and of the sound", () => {
  const tracks = [
    { rendition: "v360-1", label: "SD", kid: kidOf("SD") },
    { rendition: "v1080-1", label: "HD", kid: kidOf("HD") },
    { rendition: "audio", label: "AUDIO", kid: kidOf("AUDIO") },
  ] as const;
  const labels = labelsOf({ scheme: "cbcs", tracks }, [{ id: "v360-1" }, { id: "audio" }, { id: "index" }]);
  assert.deepEqual([...labels], ["SD", "AUDIO"]);
});

test("[LI5] [LI7] [LI8] a lost lease, an end that has come, bad standing and denials refuse", () => {
  const because = (facts: Partial<LicenceFacts>) => {
    const decision = decideLicence({ ...all, ...facts });
    return decision.kind === "refused" ? decision.because : decision.kids.length;
  };
  assert.equal(because({ lease: "lost", standing: "suspended", denied: true }), "lost");
  assert.equal(because({ standing: "none" }), "none");
  assert.equal(because({ standing: "suspended" }), "suspended");
  assert.equal(because({ denied: true }), "denied");
  const ending = keys.map((key) => ({ ...key, endsAtMs: key.label === "SD" ? 1000 : 1001 }));
  assert.equal(because({ keys: ending }), 3);
  assert.equal(because({ keys: ending, nowMs: 1001 }), "not-granted");
});

test("[LI9] kids are base64url of 16 bytes without padding, and nothing else", () => {
  fc.assert(
    fc.property(hex, (kid) => {
      assert.equal(base64UrlOf(kid), Buffer.from(kid, "hex").toString("base64url"));
      assert.equal(hexOf(base64UrlOf(kid)), kid);
      assert.equal(hexOfUuid(uuidOf(kid).toUpperCase()), kid);
    }),
    { seed: 4 },
  );
  const good = "LwVHf8JLtPrv2GUXFW2v_A";
  // §9.1.3's own example: the kid of the specification.
  assert.deepEqual(
    askedKids([good, good, `${good}==`, "", "LwVHf8JLtPrv2GUXFW2v_B", "LwVHf8JLtPrv2GUXFW2v/A"]),
    ["2f05477fc24bb4faefd86517156daffc"],
  );
  const licence = clearKeyLicence([
    { kid: "2f05477fc24bb4faefd86517156daffc", key: "00".repeat(15).concat("ff") },
  ]);
  assert.deepEqual(licence, {
    keys: [{ kty: "oct", kid: good, k: "AAAAAAAAAAAAAAAAAAAA_w" }],
    type: "temporary",
  });
});
