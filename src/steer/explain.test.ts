import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import type { RouteMatch, Site } from "#model/network.ts";
import { applianceId, siteId } from "#units/id.ts";
import { bitsPerSecond, bytes } from "#units/quantity.ts";
import { type Explanation, explainText, funnel } from "./explain.ts";
import { type ApplianceNow, rankOnce } from "./rank.ts";
import { steerSettings } from "./settings.ts";

function site(id: string, kind: Site["kind"]): Site {
  return { id: siteId(id), name: id.toUpperCase(), kind, location: { latitude: 1, longitude: 0 } };
}

function box(id: string, at: string, health: ApplianceNow["health"] = "healthy"): ApplianceNow {
  return {
    appliance: {
      id: applianceId(id),
      siteId: siteId(at),
      role: "flash",
      storage: bytes(1),
      throughput: bitsPerSecond(1e8),
    },
    health,
    because: `It is ${health}.`,
    load: bitsPerSecond(0),
  };
}

function match(at: string, prefixLength: number): RouteMatch {
  const prefix = `203.0.113.0/${prefixLength}`;
  return { siteId: siteId(at), prefix, prefixLength, asPathLength: 1, med: 0, neighbourAs: 64_500 };
}

function explanation(appliances: readonly ApplianceNow[], given: Partial<Explanation> = {}): Explanation {
  const matches = [match("a", 24), match("x", 16)];
  const location = { latitude: 0, longitude: 0, radiusKm: 25, from: "geography" } as const;
  const ranking = rankOnce({
    matches,
    sites: [site("a", "embedded"), site("b", "embedded"), site("x", "exchange")],
    appliances,
    holders: new Set(appliances.map(({ appliance }) => appliance.id)),
    viewer: location,
    sessionKey: "s",
    settings: defaultsOf(steerSettings),
  });
  return {
    address: "203.0.113.9",
    session: "s",
    assumed: undefined,
    titleId: "film",
    location,
    matches,
    ranking,
    ...given,
  };
}

test("[ST25] the text has the place, the routes, the list with its numbers, and who was left out", () => {
  const text = explainText(
    explanation([box("a1", "a"), box("a2", "a", "unhealthy"), box("b1", "b"), box("x1", "x")]),
  );
  assert.equal(
    text,
    `viewer 203.0.113.9, session s, title film
place  0.0000, 0.0000, within 25 km, by the table of places

routes  2 sites heard this address, best first
  a heard 203.0.113.0/24 from AS 64500, AS path 1, MED 0
  x heard 203.0.113.0/16 from AS 64500, AS path 1, MED 0

1. a1 at A, 111 km (longest-prefix): Prefix 203.0.113.0/24 is 24 bits long; the next, x1, has 203.0.113.0/16 with 16.
     4 appliances − 1 no route to the viewer = 3 − 1 shorter prefix = 2 − 1 not healthy = 1
2. x1 at X, 111 km (longest-prefix): It has 203.0.113.0/16 with 16; a1 above it: prefix 203.0.113.0/24 is 24 bits long. Below is only the origin.
     4 appliances − 1 above it in the list = 3 − 1 no route to the viewer = 2 − 1 not healthy = 1
3. origin (origin-last): The origin holds every file and is asked last, so that it is spared.

–  a2 (unhealthy): It is unhealthy.
–  b1 (no-route): B heard no route to the viewer and serves only its own network.
`,
  );
});

test("[ST25] what is not known is said, and long lists end in a count", () => {
  const many = Array.from({ length: 90 }, (_, i) => box(`b${i}`, "b"));
  const text = explainText(explanation(many, { location: undefined, matches: [], assumed: "all is well" }));
  assert.match(
    text,
    /^viewer 203\.0\.113\.9, session s, title film, as if all is well\nplace {2}not known: /,
  );
  assert.match(text, /routes {2}no site heard this address/);
  assert.equal(text.match(/^– {2}b\d+ /gm)?.length, 40);
  assert.match(text, /^– {2}and 50 more appliances that no rule brought this far$/m);
  assert.equal(funnel(1, []), "1 appliance");
});
