import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { seconds } from "#units/quantity.ts";
import { portComplaint, type SteeringManifestOrder, steeringManifest } from "./steering-manifest.ts";

const seed = 63;

const addresses: Readonly<Record<string, string>> = {
  origin: "https://origin.example",
  a1: "https://a1.example",
  a2: "https://a2.example",
  odd: "https://odd.example:8443",
  odd2: "https://odd2.example:8443",
  plain: "http://plain.example",
  six: "https://[2001:db8::1]",
};

function answer(more: Partial<SteeringManifestOrder>): ReturnType<typeof steeringManifest> {
  return steeringManifest({
    kind: "hls",
    ids: ["a1", "origin"],
    listed: ["a1", "origin"],
    baseUrl: (id) => addresses[id] ?? `https://${id}.example`,
    most: 3,
    ttl: seconds(60),
    reloadUri: "https://control.example/steer/hls/s1?token=t",
    ...more,
  });
}

test("[ST63] the answer has version 1, a time to live, an address to ask again and the order", () => {
  assert.deepEqual(answer({}), {
    manifest: {
      VERSION: 1,
      TTL: 60,
      "RELOAD-URI": "https://control.example/steer/hls/s1?token=t",
      "PATHWAY-PRIORITY": ["a1", "origin"],
    },
    uncloned: [],
  });
});

test("[ST66] an appliance that the player's manifest does not name is cloned from one at the same port", () => {
  const { manifest, uncloned } = answer({ ids: ["a2", "six", "a1", "origin"] });
  assert.deepEqual(manifest["PATHWAY-PRIORITY"], ["a2", "six", "a1", "origin"]);
  assert.deepEqual(manifest["PATHWAY-CLONES"], [
    { "BASE-ID": "a1", ID: "a2", "URI-REPLACEMENT": { HOST: "a2.example" } },
    { "BASE-ID": "a1", ID: "six", "URI-REPLACEMENT": { HOST: "[2001:db8::1]" } },
  ]);
  assert.deepEqual(uncloned, []);
});

test("[ST66] what a clone cannot reach is left out and told: another port, another scheme, in DASH any port", () => {
  const hls = answer({ ids: ["odd", "plain", "a1", "origin"] });
  assert.deepEqual(hls.manifest["PATHWAY-PRIORITY"], ["a1", "origin"]);
  assert.equal("PATHWAY-CLONES" in hls.manifest, false);
  assert.deepEqual(
    hls.uncloned.map(({ id }) => id),
    ["odd", "plain"],
  );
  assert.match(hls.uncloned[0]?.because ?? "", /8443/);
  const same = { ids: ["odd2", "odd", "origin"], listed: ["odd", "origin"] };
  assert.equal(answer(same).manifest["PATHWAY-CLONES"]?.[0]?.["BASE-ID"], "odd");
  const dash = answer({ ...same, kind: "dash" });
  assert.deepEqual(dash.manifest["PATHWAY-PRIORITY"], ["odd", "origin"]);
  assert.match(dash.uncloned[0]?.because ?? "", /own port, and odd2 has 8443/);
  assert.equal(answer({ kind: "dash", ids: ["a2"] }).manifest["PATHWAY-CLONES"]?.length, 1);
});

test("[ST66] only as many as are offered are cloned, however many rank", () => {
  const { manifest } = answer({ ids: ["a2", "a3", "a4", "a1", "origin"], most: 2 });
  assert.deepEqual(manifest["PATHWAY-PRIORITY"], ["a2", "a3", "a1", "origin"]);
});

test("[ST63] whatever ranks: never empty, none twice, legal ids, each one known to the player", () => {
  const id = fc.constantFrom(...Object.keys(addresses), "b1", "b2", "bad id", "", "a,b", 'a"b');
  const kind = fc.constantFrom("hls" as const, "dash" as const);
  const listed = fc.uniqueArray(fc.constantFrom(...Object.keys(addresses)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(id, { maxLength: 9 }),
      listed,
      kind,
      fc.integer({ min: 1, max: 8 }),
      (ids, known, of, most) => {
        const { manifest } = answer({ ids, listed: known, kind: of, most });
        const priority = manifest["PATHWAY-PRIORITY"];
        const clones = manifest["PATHWAY-CLONES"];
        assert.ok(priority.length > 0);
        assert.equal(new Set(priority).size, priority.length);
        assert.ok(clones === undefined || clones.length > 0);
        const cloned = (clones ?? []).map((clone) => clone.ID);
        for (const one of priority) {
          assert.match(one, /^[A-Za-z0-9._-]+$/);
          assert.ok(known.includes(one) || cloned.includes(one), one);
        }
        for (const clone of clones ?? []) {
          assert.ok(known.includes(clone["BASE-ID"]) && !known.includes(clone.ID));
          const [base, target] = [clone["BASE-ID"], clone.ID].map(
            (one) => new URL(addresses[one] ?? `https://${one}.example`),
          );
          if (base === undefined || target === undefined) throw new Error("no address");
          base.hostname = clone["URI-REPLACEMENT"].HOST;
          assert.equal(base.origin, target.origin, "what hls.js and Shaka Player make of it");
          if (of === "dash")
            assert.equal(`${base.protocol}//${clone["URI-REPLACEMENT"].HOST}`, target.origin);
        }
        const order = ids.filter((one) => priority.includes(one));
        if (order.length > 0) assert.deepEqual([...new Set(order)], priority, "the ranking's order");
      },
    ),
    { seed, numRuns: 1000 },
  );
});

test("[ST70] appliances at different ports are complained of, by name", () => {
  const of = (...ids: readonly string[]) => ids.map((id) => ({ id, baseUrl: addresses[id] ?? "" }));
  assert.equal(portComplaint(of("a1", "a2", "six")), undefined);
  assert.equal(portComplaint([]), undefined);
  assert.match(portComplaint(of("a1", "odd")) ?? "", /a1 at https port default, odd at https port 8443/);
  assert.match(portComplaint(of("a1", "plain")) ?? "", /plain at http port default/);
});
