import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort, missingBird, openListener, startBird, until } from "./bgp-rig.ts";

const four = "127.0.0.41";

test("[BG68] BIRD's routes of both families are heard, changed and withdrawn", {
  skip: missingBird,
}, async (t) => {
  const listener = await openListener(t, [{ address: four, as: 64_500, site: "isp-a" }]);
  const bird = await startBird(t, {
    address: four,
    port: await freePort(four),
    as: 64_500,
    peerPort: listener.speaker.port,
    v4: ["203.0.113.0/24 { bgp_med = 5; }", "198.51.100.0/24 { bgp_path.prepend(64501); }"],
    v6: ["2001:db8:1::/48"],
  });
  await listener.whole(four, 4, 6);
  const wanted = [
    "198.51.100.0/24 via 64500 64501",
    "2001:db8:1::/48 via 64500",
    "203.0.113.0/24 via 64500, med 5",
  ];
  assert.deepEqual(listener.routes("isp-a"), wanted);
  assert.deepEqual(listener.folded("isp-a"), wanted);
  bird.reconfigure({ v4: ["203.0.113.0/24 { bgp_med = 7; }"], v6: ["2001:db8:2::/48"] });
  const changed = ["2001:db8:2::/48 via 64500", "203.0.113.0/24 via 64500, med 7"];
  await until("the change", () => listener.folded("isp-a").join() === changed.join());
  assert.deepEqual(listener.routes("isp-a"), changed);
});
