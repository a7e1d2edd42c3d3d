// Asks the kernel and ethtool about the way that viewers' bytes take: default route, bonds, ports, modules.
import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Told, told, untold } from "#edge/check.ts";
import type { BondText, LagFacts } from "#edge/check-lag.ts";
import { defaultDevices, isPlainName, type PortSpeed, readSpeed } from "#edge/check-network.ts";
import type { PortModule } from "#edge/check-optics.ts";
import { type Asker, ask, kernelSays } from "./check-programs.ts";

export interface NetworkAsked extends Asker {
  /** "/", or another root for what the kernel says in files. */
  readonly root: string;
  /** Interfaces that the operator named; none means those of the default route. */
  readonly interfaces: readonly string[];
}

export interface NetworkFacts {
  readonly lag: LagFacts;
  readonly ports: Told<readonly (PortSpeed & PortModule)[]>;
  readonly addresses: Told<string>;
}

const mostDevices = 64;
const needIp = { install: "apt-get install iproute2", mend: "Look at: ip route" };
const nameThem = "Name the interfaces of the uplink with --interface";

export async function askNetwork(asked: NetworkAsked): Promise<NetworkFacts> {
  const { root } = asked;
  const addresses = ask(asked, { ...needIp, argv: ["ip", "-j", "addr"] });
  const uplinks = await uplinksOf(asked);
  if (uplinks.kind === "untold") {
    return { lag: { uplinks, bonds: [] }, ports: uplinks, addresses: await addresses };
  }
  const devices = await below(root, uplinks.value);
  const bonds = await bondsAmong(root, [...devices.keys()]);
  const leaves = [...devices]
    .filter(([name, lower]) => lower.length === 0 && bonds.every((bond) => bond.name !== name))
    .map(([name]) => name);
  const ports = await Promise.all(leaves.map((name) => portOf(asked, name)));
  return { lag: { uplinks, bonds }, ports: told(ports), addresses: await addresses };
}

async function uplinksOf(asked: NetworkAsked): Promise<Told<readonly string[]>> {
  if (asked.interfaces.length > 0) return told(asked.interfaces);
  const answers = await Promise.all([
    ask(asked, { ...needIp, argv: ["ip", "-j", "-4", "route", "show", "default"] }),
    ask(asked, { ...needIp, argv: ["ip", "-j", "-6", "route", "show", "default"] }),
  ]);
  const devices = new Set(
    answers.flatMap((text) => (text.kind === "told" ? defaultDevices(text.value) : [])),
  );
  if (devices.size > 0) return told([...devices].slice(0, mostDevices));
  const silent = answers.find((answer) => answer.kind === "untold");
  return silent ?? untold("no default route leaves this machine", nameThem);
}

/** The devices and those that they lie on, each with what it lies on: a VLAN on a bond on ports. Source: sysfs, lower_NAME. */
async function below(root: string, tops: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const waiting = [...tops];
  for (let name = waiting.shift(); name !== undefined && found.size < mostDevices; name = waiting.shift()) {
    if (found.has(name)) continue;
    const entries = isFileName(name) ? await readdir(join(root, "sys/class/net", name)).catch(() => []) : [];
    const lower = entries.filter((entry) => entry.startsWith("lower_")).map((entry) => entry.slice(6));
    found.set(name, lower);
    waiting.push(...lower);
  }
  return found;
}

async function bondsAmong(root: string, names: readonly string[]): Promise<readonly BondText[]> {
  const texts = await Promise.all(
    names.filter(isFileName).map(async (name) => ({
      name,
      text: await kernelSays(join(root, "proc/net/bonding", name)),
    })),
  );
  return texts.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }]));
}

function isFileName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
}

async function portOf(asked: NetworkAsked, name: string): Promise<PortSpeed & PortModule> {
  const folder = join(asked.root, "sys/class/net", isFileName(name) ? name : "-");
  const speed = readSpeed((await kernelSays(join(folder, "speed"))) ?? "");
  return {
    name,
    speed:
      speed === undefined
        ? untold("the driver does not know its speed", "Look at the link; a virtual machine's has none")
        : told(speed),
    module: await moduleOf(asked, name, folder),
  };
}

async function moduleOf(asked: NetworkAsked, name: string, folder: string): Promise<Told<string>> {
  if (!isPlainName(name)) {
    return untold("its name could be taken for an option, so no program was asked", "Rename the interface");
  }
  const isPhysical = await access(join(folder, "device")).then(
    () => true,
    () => false,
  );
  if (!isPhysical) return untold("no device is behind it", "Name physical ports with --interface");
  return ask(asked, {
    argv: ["ethtool", "-m", name],
    install: "apt-get install ethtool",
    mend: "Run it as root; where the driver cannot read modules, ask the switch's side for the light",
  });
}
