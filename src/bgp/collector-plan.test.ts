import assert from "node:assert/strict";
import { test } from "node:test";
import { bgpFile } from "#wire/bgp.ts";
import { type CollectorReading, planCollectors } from "./collector-plan.ts";

const head = { localAs: 64_999, routerId: "10.0.0.1" };
const listen = { host: "::" };
const router = { address: "192.0.2.1", site: "isp-a" };

function planned(file: unknown): CollectorReading {
  return planCollectors(bgpFile.parse(file));
}

test("[BG146] routers and dumps of the file become what is wanted of each, with defaults", () => {
  const mrt = [{ file: "dumps/rib.mrt", site: "isp-a", neighbours: ["::ffff:192.0.2.9"], lengths: {} }];
  const routers = [router, { ...router, address: "::ffff:192.0.2.2", view: "pre-policy" }];
  const file = bgpFile.parse({ ...head, bmp: { listen, routers }, mrt });
  assert.deepEqual([file.bmp?.listen.port, file.peers], [11_019, []]);
  const reading = planCollectors(file);
  assert.ok(reading.kind === "planned");
  const [first, second] = reading.routers;
  assert.deepEqual([first?.view, first?.mostPaths, first?.neighbours], ["post-policy", 4_000_000, undefined]);
  assert.deepEqual(first?.filter.lengths[4], { shortest: 8, longest: 24 });
  assert.equal(second?.address, "192.0.2.2");
  assert.deepEqual([first?.filter.localAs, second?.filter.localAs], [0, 64_999], "who looks for our own AS");
  assert.deepEqual([...(reading.dumps[0]?.neighbours ?? [])], ["192.0.2.9"]);
});

test("[BG146] everything that is wrong with them is said at once, and a file from which nothing is heard is refused", () => {
  const routers = [
    router,
    { ...router, lengths: { ipv4: { shortest: 24, longest: 8 } } },
    { ...router, address: "edge", view: "loc-rib", neighbours: ["192.0.2.9"] },
  ];
  const dump = { file: "a/rib.mrt", site: "isp-a" };
  const reading = planned({ ...head, bmp: { listen, routers }, mrt: [dump, { ...dump, file: "b/rib.mrt" }] });
  assert.ok(reading.kind === "refused");
  const all = reading.complaints.join("\n");
  for (const complaint of [
    /lengths.ipv4 of BMP router "192.0.2.1": wanted shortest ≤ longest ≤ 32/,
    /BMP router "edge": /,
    /a router's own choice \(loc-rib\) names no neighbour/,
    /BMP router "192.0.2.1" is named twice/,
    /two MRT dumps are named "rib.mrt"/,
  ]) {
    assert.match(all, complaint);
  }
  const nothing = bgpFile.safeParse(head);
  assert.match(nothing.error?.message ?? "", /wanted at least one of peers, bmp and mrt/);
});
