// A full table from a BIRD over an appliance's own process (`--bgp`) to control's table.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type IpPrefix, writeAddress } from "#bgp/address.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { memoryLog, memoryStores } from "#test/fixtures/memory-stores.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { startSmall } from "#test/journeys/control-plane.ts";
import { freeListen } from "#test/journeys/edge-rig.ts";
import { film, report } from "#test/journeys/routes-rig.ts";
import { birdIn, freePort, from, sendingConfig } from "./bgp-bird.ts";
import { type TableOrder, tableGroups } from "./bgp-table.ts";

const listen = "127.0.0.1";

/** From enabling BIRD's session to the last of 400 prefixes of the table, drawn evenly, that control steers by. */
export async function birdToControl(
  order: TableOrder,
  folder: string,
): Promise<Readonly<Record<string, string | number>>> {
  const secretsPath = join(folder, "secrets.json");
  const { applianceToken } = await openSecrets(secretsPath);
  const control = await startSmall({ stores: memoryStores(), log: memoryLog(), secretsPath });
  const groups = tableGroups(order);
  const [sendPort, ourPort] = [await freePort(from), await freePort(listen)];
  const children: ReturnType<typeof spawn>[] = [];
  const box = join(folder, "box");
  try {
    await control.publishTitle(smallTitle(film));
    await writeFile(join(folder, "token"), applianceToken);
    await writeFile(join(folder, "bgp.json"), neighbours(order, ourPort));
    const argv = ["src/bin/millrace.ts", "appliance", "--id", "a2", "--control", control.url, "--dir", box];
    argv.push("--token-file", join(folder, "token"), "--budget", "1000000", "--listen", await freeListen());
    argv.push("--bgp", join(folder, "bgp.json"));
    const env = { ...process.env, MILLRACE_LOG_LEVEL: "error" };
    const appliance = spawn(process.execPath, argv, { env, stdio: ["ignore", "ignore", "inherit"] });
    children.push(appliance);
    const sender = await birdIn(
      join(folder, "send"),
      sendingConfig(order, groups, sendPort, ourPort, 1),
      children,
    );
    const viewers = sampled(groups.flatMap(({ prefixes }) => prefixes));
    const idleMiB = memoryOf(appliance.pid, "VmRSS");
    const begun = performance.now();
    sender.ask("enable ours");
    let reported = 0;
    const isSteered = (viewer: string): boolean =>
      control.steeringFor(viewer, film)?.ranked[0]?.siteId === "isp-a";
    while (!viewers.every(isSteered)) {
      if (performance.now() - begun > 180_000) throw new Error("control did not learn the table in 180 s");
      if (performance.now() - reported > 1000) {
        for (const id of ["a1", "x1"]) await report(control.url, applianceToken, id);
        reported = performance.now();
      }
      await sleep(50);
    }
    const seconds = (performance.now() - begun) / 1000;
    return {
      what: "BIRD → appliance --bgp → control's table",
      prefixes: order.v4 + order.v6,
      seconds: seconds.toFixed(1),
      applianceIdleMiB: idleMiB,
      appliancePeakMiB: memoryOf(appliance.pid, "VmHWM"),
      applianceMiB: memoryOf(appliance.pid, "VmRSS"),
      controlMiB: memoryOf(process.pid, "VmRSS"),
    };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await endAll(join(box, "nginx"), 0);
    await control.close();
  }
}

function neighbours({ peerAs }: TableOrder, port: number): string {
  return JSON.stringify({
    ...{ localAs: 64_999, routerId: "10.9.9.9", listen: { host: listen, port } },
    peers: [{ address: from, as: peerAs, site: "isp-a" }],
  });
}

/** An address in each of 400 prefixes. */
function sampled(prefixes: readonly IpPrefix[]): readonly string[] {
  const step = Math.max(1, Math.floor(prefixes.length / 400));
  return prefixes
    .filter((_, n) => n % step === 0)
    .map(({ family, value }) => writeAddress({ family, value }));
}

function memoryOf(pid: number | undefined, what: "VmRSS" | "VmHWM"): number {
  const found = new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(found) / 1024);
}
