// A process that does nothing but listen, so that its memory is that of a listener: says its port, waits until one
// neighbour has said all of both families, says how long that took and what it holds, and ends.
//
//   node bench/bgp-listen.ts PEER-ADDRESS PEER-AS with-events|without-events
import { readFileSync } from "node:fs";
import { openSpeaker } from "#bgp/io/speaker.ts";
import { planPeers } from "#bgp/peer-plan.ts";
import { bgpSettings } from "#bgp/settings.ts";
import { defaultsOf } from "#config/setting.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { bgpFile } from "#wire/bgp.ts";

const [address = "", as = "", events = ""] = process.argv.slice(2);
const file = bgpFile.parse({
  localAs: 64_999,
  routerId: "10.9.9.9",
  peers: [{ address, as: Number(as), site: "site" }],
});
const reading = planPeers(file, defaultsOf(bgpSettings), () => 0.9);
if (reading.kind === "refused") throw new Error(reading.complaints.join("; "));

let heard = 0;
let begun = 0;
const whole = new Set<number>();
const speaker = await openSpeaker({
  peers: reading.peers,
  listen: { host: "127.0.0.1", port: 0 },
  log: openLog("bgp", "silent"),
  clock: systemClock,
  chance: Math.random,
  ...(events === "with-events"
    ? {
        onEvents: (batch) => {
          heard += batch.length;
        },
      }
    : {}),
  onComplete: (_, family) => {
    whole.add(family);
    if (whole.size === 2) finish();
  },
});
const watch = setInterval(() => {
  if (begun === 0 && speaker.peers()[0]?.state === "Established") begun = performance.now();
}, 1);
console.log(JSON.stringify({ port: speaker.port }));

function finish(): void {
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(watch);
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  const { prefixes, counts } = speaker.peers()[0] ?? { prefixes: { 4: 0, 6: 0 }, counts: undefined };
  const { user, system } = process.cpuUsage();
  console.log(
    JSON.stringify({
      v4: prefixes[4],
      v6: prefixes[6],
      seconds,
      cpuSeconds: (user + system) / 1e6,
      peakMiB: Number(peak ?? Number.NaN) / 1024,
      events: heard,
      updates: counts?.updates ?? 0,
    }),
  );
  void speaker.close("measured").then(() => process.exit(0));
}
