// Asks all that a site is judged by, at once. Changes nothing on the machine.
import { join } from "node:path";
import { type Told, told, untold } from "#edge/check.ts";
import { type ClockSync, readChrony, readTimedatectl } from "#edge/check-clock.ts";
import type { Inbound } from "#edge/check-network.ts";
import type { SiteFacts } from "#edge/check-site.ts";
import type { SoftwareFacts } from "#edge/check-software.ts";
import { kernelSettings } from "#edge/install-kernel.ts";
import { judgeKernelTls } from "#edge/kernel-tls.ts";
import type { Tools } from "#io/tools.ts";
import type { Clock } from "#units/clock.ts";
import { askDisk } from "./check-disk.ts";
import { askOffset, measureInbound } from "./check-inbound.ts";
import { askNetwork } from "./check-network.ts";
import { type Asker, type Asking, ask, kernelSays } from "./check-programs.ts";
import { holderOf } from "./disk-lock.ts";

export interface CheckOrder extends Asker {
  readonly dir: string;
  readonly root: string;
  readonly interfaces: readonly string[];
  readonly controlUrl: string | undefined;
  readonly inbound:
    | { readonly kind: "measure"; readonly url: string }
    | { readonly kind: "declared"; readonly bps: number }
    | { readonly kind: "unsaid" };
  readonly tools: Pick<Tools, "nginx" | "nginxSetMisc">;
  readonly clock: Clock;
}

/** @throws only the signal's reason */
export async function askSite(order: CheckOrder): Promise<SiteFacts> {
  const { controlUrl, clock, signal } = order;
  const [network, sync, offset, disk, software] = await Promise.all([
    askNetwork(order),
    askSync(order),
    controlUrl === undefined ? undefined : askOffset({ url: controlUrl, clock, signal }),
    askDisk(order),
    askSoftware(order),
  ]);
  // Last and alone: what it measures should not wait for anything else.
  const inbound = await inboundOf(order);
  return { ...network, inbound, sync, offset, disk, software };
}

async function inboundOf({ inbound, clock, signal }: CheckOrder): Promise<Told<Inbound>> {
  if (inbound.kind === "declared") return told({ how: "declared", bps: inbound.bps });
  if (inbound.kind === "measure") return measureInbound({ url: inbound.url, clock, signal });
  return untold(
    "neither measured nor declared",
    "Say --measure URL of a big file, or --declared-inbound 1.2Gbit/s",
  );
}

async function askSync(asker: Asker): Promise<Told<ClockSync>> {
  const mend = "apt-get install chrony";
  const says = await ask(asker, {
    argv: ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
    install: mend,
    mend,
  });
  const found = says.kind === "told" ? readTimedatectl(says.value) : undefined;
  if (found !== undefined) return told(found);
  const other = await ask(asker, { argv: ["chronyc", "-c", "tracking"], install: mend, mend });
  const tracked = other.kind === "told" ? readChrony(other.value) : undefined;
  if (tracked !== undefined) return told(tracked);
  const because = says.kind === "untold" ? says.because : "timedatectl does not say";
  return untold(`${because}; ${other.kind === "untold" ? other.because : "chronyc does not say"}`, mend);
}

async function askSoftware(order: CheckOrder): Promise<SoftwareFacts> {
  const { tools, root, dir } = order;
  const install = "apt-get install nginx-light libnginx-mod-http-set-misc";
  const argv: Asking["argv"] = [tools.nginx?.path ?? "nginx", "-V"];
  const nginx = await ask(order, { argv, install, mend: "Look at: nginx -V" });
  const protocols = await kernelSays(join(root, "proc/sys/net/ipv4/tcp_available_ulp"));
  return {
    nginx,
    setMisc: tools.nginxSetMisc,
    kernelTls: nginx.kind === "told" ? told(judgeKernelTls(protocols, nginx.value)) : nginx,
    limits: await limitsOf(dir),
    sysctl: await sysctlOf(root),
  };
}

/** Of the agent when one holds the folder, else of this process, which has its shell's. */
async function limitsOf(dir: string): Promise<SoftwareFacts["limits"]> {
  const pid = await holderOf(join(dir, "state")).catch(() => undefined);
  const text = await kernelSays(`/proc/${pid ?? "self"}/limits`);
  return text === undefined
    ? untold("the kernel does not say", "Look at: ulimit -Hn")
    : told({ agent: pid, text });
}

async function sysctlOf(root: string): Promise<SoftwareFacts["sysctl"]> {
  const rows = await Promise.all(
    kernelSettings.map(async ({ name }) => {
      const value = await kernelSays(join(root, "proc/sys", ...name.split(".")));
      return [name, value] as const;
    }),
  );
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return known.length === 0
    ? untold("this system has no /proc/sys", "It is asked on Linux alone")
    : told(new Map(known));
}
