import assert from "node:assert/strict";
import { test } from "node:test";
import { noGeography } from "#bgp/geo-table.ts";
import { emptyTable, fold } from "#bgp/route-table.ts";
import { defaultsOf } from "#config/setting.ts";
import { steerSettings } from "#steer/settings.ts";
import {
  goodReport,
  smallRoutes,
  smallSites,
  smallTitle,
  smallTitleFiles,
} from "#test/fixtures/small-network.ts";
import { wellBoxes } from "#test/fixtures/well-boxes.ts";
import { assert as hold } from "#units/assert.ts";
import { milliseconds } from "#units/quantity.ts";
import type { CheckOutcome } from "#wire/check.ts";
import { opsAppliances } from "#wire/ops.ts";
import { type AdmissionRule, admissionOf } from "./admission.ts";
import { catalogueOf } from "./catalogue.ts";
import { emptyFleet, type Fleet, type Moment, opsAppliancesOf, reported } from "./fleet.ts";
import { type Network, readNetwork, routeEvents } from "./network.ts";
import { rankFor } from "./steering.ts";

const dayMs = 86_400_000;
const nowMs = 1e12;
const now: Moment = { wallMs: milliseconds(nowMs), monoMs: milliseconds(0) };
const title = smallTitle("film");
const catalogue = catalogueOf([title]);
const network = networkOf();
const { table } = fold(emptyTable, routeEvents(smallRoutes));
const [first, second] = [...network.appliances.keys()];
hold(first !== undefined && second !== undefined, "the fixture has two appliances");

function networkOf(): Network {
  const reading = readNetwork(smallSites, "http://127.0.1.1:8180");
  hold(reading.kind === "read", "the fixture is well formed");
  return reading.network;
}

const passed: CheckOutcome = {
  atMs: nowMs - dayMs,
  profile: "site",
  altered: [],
  counts: { holds: 11, doesNotHold: 0, cannotBeTold: 0, notAsked: 0 },
  failures: [],
};
const failure = {
  what: "lag",
  verdict: "does-not-hold",
  found: "eth0: no bond",
  wanted: "a LAG",
  mend: "Make one",
} as const;
const failed: CheckOutcome = {
  ...passed,
  counts: { holds: 10, doesNotHold: 1, cannotBeTold: 0, notAsked: 0 },
  failures: [failure],
};

/** A fleet in which every appliance is well and holds the film, each with its last check. */
function fleetOf(rule: AdmissionRule, checks: Readonly<Record<string, CheckOutcome>>): Fleet {
  return [...network.appliances.values()].reduce(
    (fleet, appliance) => {
      const check = checks[appliance.id];
      const report = {
        ...goodReport(appliance.baseUrl, [...smallTitleFiles("film")]),
        ...(check === undefined ? {} : { check }),
      };
      return reported(fleet, appliance, { report, catalogue, now, interval: milliseconds(2000) });
    },
    emptyFleet(defaultsOf(steerSettings), rule),
  );
}

function rankedIn(fleet: Fleet) {
  const [viewpoint] = smallSites.viewpoints;
  hold(viewpoint !== undefined, "the fixture has a viewpoint");
  const place = { address: viewpoint.address, viewpoint: viewpoint.id };
  return rankFor({ network, table, geography: noGeography, fleet, title, place, sessionKey: "s", now });
}

const require_: AdmissionRule = { kind: "require", days: 30 };

test("[ED187] where admission is required, who has not passed is left out of the list and of the sources of fills, with the reason", () => {
  const fleet = fleetOf(require_, { [first]: passed, [second]: failed });
  const { ranked, eliminated } = rankedIn(fleet);
  assert.deepEqual(
    ranked.map(({ id }) => id),
    [first, "origin"],
  );
  const reasons = new Map(eliminated.map(({ id, by, because }) => [id, `${by}: ${because}`]));
  assert.equal(reasons.get(second), "unadmitted: 1 of 11 requirements do not hold (lag: eth0: no bond).");
  const others = [...network.appliances.keys()].filter((id) => id !== first && id !== second);
  for (const id of others) assert.match(reasons.get(id) ?? "", /^unadmitted: Its site was not checked/);
  assert.deepEqual(wellBoxes(fleet, network, now), [first]);
});

test("[ED187] a box that passes is back with its next report", () => {
  const fleet = fleetOf(require_, { [first]: passed, [second]: passed });
  assert.ok(rankedIn(fleet).ranked.some(({ id }) => id === second));
});

test("[ED187] old checks, checks for a laboratory, of the future, of nothing, and what cannot be told do not admit", () => {
  const verdict = (change: Partial<CheckOutcome>): string => {
    const found = admissionOf({ ...passed, ...change }, nowMs, require_);
    return `${found.verdict}: ${found.because}`;
  };
  assert.equal(verdict({}), "passed: All 11 requirements hold.");
  assert.match(verdict({ atMs: nowMs - 30 * dayMs }), /^passed/);
  assert.equal(
    verdict({ atMs: nowMs - 31 * dayMs }),
    "failed: Its last check was 31 days ago; one counts for 30 days.",
  );
  assert.match(verdict({ profile: "lab" }), /^failed: .*laboratory/);
  assert.match(verdict({ atMs: nowMs + 2 * dayMs }), /^failed: .*future/);
  assert.match(
    verdict({ counts: { holds: 0, doesNotHold: 0, cannotBeTold: 0, notAsked: 0 } }),
    /^failed: .*nothing/,
  );
  assert.match(
    verdict({ counts: { holds: 10, doesNotHold: 0, cannotBeTold: 1, notAsked: 0 } }),
    /^failed: 1 of 11 cannot be told/,
  );
  assert.match(
    verdict({ altered: ["lagPorts"] }),
    /^passed: All 11 requirements hold, with other numbers for lagPorts/,
  );
});

test("[ED188] where it is only told, nothing changes in rankings", () => {
  const tell: AdmissionRule = { kind: "tell", days: 30 };
  const all = [...network.appliances.keys()];
  const without = rankedIn(fleetOf(tell, {}));
  const withFailed = rankedIn(fleetOf(tell, Object.fromEntries(all.map((id) => [id, failed]))));
  assert.deepEqual(withFailed, without);
  assert.ok(without.ranked.length > 2);
  assert.equal(wellBoxes(fleetOf(tell, {}), network, now).length, all.length);
});

test("[ED189] the operator's answer has each appliance's verdict and its failures, required or not", () => {
  for (const kind of ["tell", "require"] as const) {
    const fleet = fleetOf({ kind, days: 30 }, { [first]: passed, [second]: failed });
    const answer = opsAppliances.parse(
      opsAppliancesOf({ fleet, network, plan: undefined, tonight: () => undefined, now }),
    );
    const boxes = new Map(answer.appliances.map((box) => [box.id, box]));
    assert.deepEqual(boxes.get(first)?.admission, {
      verdict: "passed",
      because: "All 11 requirements hold.",
      isRequired: kind === "require",
    });
    assert.equal(boxes.get(second)?.admission.verdict, "failed");
    assert.equal(boxes.get(second)?.health, kind === "require" ? "unadmitted" : "healthy");
    assert.deepEqual(boxes.get(second)?.report?.check?.failures, [failure]);
    for (const box of answer.appliances.filter(({ id }) => id !== first && id !== second))
      assert.equal(box.admission.verdict, "unchecked");
  }
});
