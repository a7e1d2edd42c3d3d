// Routers that export their sessions over BMP, as they are.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { BmpView } from "#bgp/bmp.ts";
import { announce } from "./bgp-announcer.ts";
import type { Said } from "./bgp-daemon.ts";
import { freePort, until } from "./bgp-rig.ts";
import { openStation, type Station } from "./bmp-rig.ts";
import { type Frr, missingFrrBmp, startFrr } from "./frr-rig.ts";
import { missingGobgp, startGobgp } from "./gobgp-rig.ts";

const router = "127.0.0.1";
const said: readonly Said[] = [
  { prefix: "203.0.113.0/24", via: [64_501], med: 5 },
  { prefix: "198.51.100.0/24" },
  { prefix: "2001:db8:1::/48", via: [7, 8] },
];

/** What a station holds of the announcer; `before`: AS numbers in front of its own. */
function linesFrom(name: string, ...before: readonly number[]): readonly string[] {
  const [first] = [...before, 64_601];
  const hops = (count: number): string => `${count + before.length} hops, first ${first}`;
  return [
    `${name}: 198.51.100.0/24, ${hops(1)}`,
    `${name}: 2001:db8:1::/48, ${hops(3)}`,
    `${name}: 203.0.113.0/24, ${hops(2)}, med 5`,
  ];
}

function holds(station: Station, what: string, lines: readonly string[]): Promise<void> {
  return until(`${what}: ${lines.join("; ")}`, () => station.lines().join() === lines.join());
}

/** An FRR that hears one neighbour, and exports what it hears of it to a station. */
async function exporter(
  t: TestContext,
  order: { readonly address: string; readonly source: string; readonly view: BmpView },
): Promise<{ readonly station: Station; readonly frr: Frr; readonly port: number }> {
  const { address, source, view } = order;
  const station = await openStation(t, [{ address: router, site: "isp-a", view }]);
  const port = await freePort(address);
  const families = ["ipv4", "ipv6"] as const;
  const frr = await startFrr(t, {
    ...{ address, port, as: 64_500, peerPort: 0, said: [], bmp: true },
    router: [
      `neighbor ${source} remote-as 64601`,
      ...["disable-connected-check", "passive"].map((line) => `neighbor ${source} ${line}`),
      ...families.flatMap((family) => [
        `address-family ${family} unicast`,
        // Without it FRR keeps nothing of before its policy, and says so to nobody.
        ...["activate", "soft-reconfiguration inbound"].map((line) => ` neighbor ${source} ${line}`),
        "exit-address-family",
      ]),
      "bmp targets millrace",
      ` bmp connect ${router} port ${station.listener.port} min-retry 100 max-retry 200`,
      ...families.map((family) => ` bmp monitor ${family} unicast ${view}`),
      "exit",
    ],
  });
  return { station, frr, port };
}

describe("BMP", { concurrency: 4 }, () => {
  for (const [view, source, address] of [
    ["pre-policy", "127.0.0.94", "127.0.0.93"],
    ["post-policy", "127.0.0.96", "127.0.0.95"],
  ] as const) {
    test(`[BG145] FRR's ${view} routes are heard over BMP, its own AS in front of each; it tells no Loc-RIB (8.4)`, {
      skip: missingFrrBmp,
    }, async (t) => {
      const { station, frr, port } = await exporter(t, { address, source, view });
      const to = { host: address, port };
      const name = `${router} ${source} AS64601`;
      const lines = linesFrom(name, 64_500);
      const neighbour = await announce(t, { address: source, as: 64_601, to, said });
      await holds(station, "all routes", lines);
      assert.deepEqual(station.sessions(), [`${name} up`]);
      neighbour.leave();
      await holds(station, "Peer Down", []);
      assert.deepEqual(station.sessions(), []);
      await announce(t, { address: source, as: 64_601, to, said });
      await holds(station, "all again", lines);
      await frr.kill();
      await until("stale", () => station.sessions().join() === `${name} stale`);
      assert.deepEqual(station.lines(), lines);
    });
  }

  test("[BG145] GoBGP's routes are heard over BMP from all three views", {
    skip: missingGobgp,
  }, async (t) => {
    const [address, source] = ["127.0.0.97", "127.0.0.98"];
    const [pre, post, chosen] = [
      await openStation(t, [{ address: router, site: "isp-a", view: "pre-policy" }]),
      await openStation(t, [{ address: router, site: "isp-a", view: "post-policy" }]),
      await openStation(t, [{ address: router, site: "isp-a", view: "loc-rib" }]),
    ];
    const port = await freePort(address);
    const extra = [
      neighbourTable(source),
      serverTable(pre, "pre-policy"),
      serverTable(post, "post-policy"),
      serverTable(chosen, "local-rib"),
    ].join("");
    await startGobgp(t, { ...{ address, as: 64_500, port, said: [] }, extra });
    const neighbour = await announce(t, { address: source, as: 64_601, to: { host: address, port }, said });
    const name = `${router} ${source} AS64601`;
    await holds(pre, "before its policy", linesFrom(name));
    await holds(post, "after its policy", linesFrom(name));
    await holds(chosen, "its choice", linesFrom(`${router} loc-rib`));
    neighbour.leave();
    for (const station of [pre, post, chosen]) await holds(station, "the loss", []);
  });
});

function neighbourTable(address: string): string {
  const families = ["ipv4-unicast", "ipv6-unicast"].map(
    (name) => `[[neighbors.afi-safis]]\n[neighbors.afi-safis.config]\nafi-safi-name = "${name}"\n`,
  );
  return `
[[neighbors]]
[neighbors.config]
neighbor-address = "${address}"
peer-as = 64601
[neighbors.transport.config]
passive-mode = true
${families.join("")}`;
}

function serverTable({ listener }: Station, policy: string): string {
  return `
[[bmp-servers]]
[bmp-servers.config]
address = "${router}"
port = ${listener.port}
route-monitoring-policy = "${policy}"
`;
}
