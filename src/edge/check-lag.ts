// Link aggregation as the kernel's bonding driver tells it. Source: Linux, drivers/net/bonding/bond_procfs.c; IEEE 802.1AX.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, gigabits, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

/** A bond that carries this machine's traffic, and what /proc/net/bonding says of it. */
export interface BondText {
  readonly name: string;
  readonly text: string;
}

export interface BondPort {
  readonly name: string;
  readonly isUp: boolean;
  /** In bit/s; undefined when the driver does not know. */
  readonly speed: number | undefined;
  readonly duplex: string;
  /** Undefined for a port that belongs to none. */
  readonly aggregator: number | undefined;
  /** Neither side came to agree within a minute. Source: IEEE 802.1AX, Churn Detection machine. */
  readonly isChurned: boolean;
}

export interface Bond {
  readonly mode: string;
  readonly isLacp: boolean;
  readonly isUp: boolean;
  readonly lacpRate: string | undefined;
  /** Undefined when the kernel does not tell, which it does only to root. */
  readonly active: { readonly aggregator: number; readonly partner: string } | "none" | undefined;
  readonly ports: readonly BondPort[];
}

const noPartner = "00:00:00:00:00:00";
const mostPorts = 64;

export function readBond(text: string): Bond {
  const [head = "", ...blocks] = text.slice(0, 256 * 1024).split(/^Slave Interface:/m);
  const mode = field(head, "Bonding Mode") ?? "unknown";
  return {
    mode,
    isLacp: /\b802\.3ad\b/.test(mode),
    isUp: field(head, "MII Status") === "up",
    lacpRate: field(head, "LACP rate"),
    active: activeOf(head),
    ports: blocks.slice(0, mostPorts).map(portOf),
  };
}

function activeOf(head: string): Bond["active"] {
  if (/has no active aggregator/.test(head)) return "none";
  const [, below] = head.split("Active Aggregator Info:");
  if (below === undefined) return undefined;
  const partner = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.exec(field(below, "Partner Mac Address") ?? "")?.[0];
  return { aggregator: Number(field(below, "Aggregator ID")), partner: partner ?? noPartner };
}

function portOf(block: string): BondPort {
  const speed = /^(\d+) Mbps$/.exec(field(block, "Speed") ?? "")?.[1];
  const aggregator = /^\d+$/.exec(field(block, "Aggregator ID") ?? "")?.[0];
  return {
    name: printable(block.split("\n", 1)[0] ?? "", 15) || "?",
    isUp: field(block, "MII Status") === "up",
    speed: speed === undefined ? undefined : Number(speed) * 1e6,
    duplex: field(block, "Duplex") ?? "unknown",
    aggregator: aggregator === undefined ? undefined : Number(aggregator),
    isChurned: ["Actor", "Partner"].some((side) => field(block, `${side} Churn State`) === "churned"),
  };
}

function field(block: string, name: string): string | undefined {
  const line = block.split("\n").find((text) => text.trimStart().startsWith(`${name}:`));
  return line?.slice(line.indexOf(":") + 1).trim();
}

export interface LagFacts {
  /** Interfaces that the default route leaves by. */
  readonly uplinks: Told<readonly string[]>;
  /** Those of them, or below them, that are bonds. */
  readonly bonds: readonly BondText[];
}

export function judgeLag({ uplinks, bonds }: LagFacts, wanted: Requirements): readonly CheckFinding[] {
  const least = wanted.lagPorts;
  const question: Question = {
    what: "lag",
    weight: "required",
    wanted: `LAG with LACP (802.3ad), ${least} port${least === 1 ? "" : "s"} or more, all up at one speed in one aggregator`,
  };
  if (uplinks.kind === "untold") return [cannotTell(question, uplinks.because, uplinks.mend)];
  if (bonds.length === 0) {
    const found = `${uplinks.value.join(", ") || "no interface"}: no bond below it`;
    return [
      holdsNot(
        question,
        found,
        "Make a bond: mode 802.3ad, lacp_rate fast, miimon 100, and LACP at the switch",
      ),
    ];
  }
  return bonds.flatMap((bond) => judgeBond(bond, question, wanted));
}

function judgeBond(
  { name, text }: BondText,
  question: Question,
  wanted: Requirements,
): readonly CheckFinding[] {
  const bond = readBond(text);
  const lag = bonds(name, question);
  const faults = faultsOf(bond, wanted);
  if (faults.length > 0) {
    return [
      holdsNot(lag, faults.map(([fault]) => fault).join("; "), faults.map(([, mend]) => mend)[0] ?? ""),
    ];
  }
  if (bond.active === undefined) {
    return [
      cannotTell(lag, "the kernel tells who the partner is to root alone", "Run it as root"),
      rateOf(name, bond),
    ];
  }
  return [holds(lag, inWords(bond)), rateOf(name, bond)];
}

function bonds(name: string, question: Question): Question {
  return { ...question, what: `lag of ${printable(name, 15)}` };
}

/** What is wrong, each with what to do. */
function faultsOf(bond: Bond, { lagPorts }: Requirements): readonly (readonly [string, string])[] {
  const { ports, active } = bond;
  if (!bond.isLacp)
    return [[`mode is ${bond.mode}`, "Set the bond's mode to 802.3ad, and LACP at the switch"]];
  const down = ports.filter((port) => !port.isUp).map((port) => port.name);
  const up = ports.filter((port) => port.isUp);
  const speeds = new Set(up.map((port) => port.speed));
  const churned = up.filter((port) => port.isChurned).map((port) => port.name);
  const groups = new Set(up.map((port) => port.aggregator));
  const partner = active === undefined || active === "none" ? undefined : active.partner;
  const faults: (readonly [string, string] | false)[] = [
    !bond.isUp && ["the bond is down", "Look at its ports' links"],
    ports.length < lagPorts && [`${ports.length} ports`, "Add ports to the bond"],
    down.length > 0 && [
      `${down.length} of ${ports.length} ports down: ${down.join(", ")}`,
      "Look at those ports' cables, optics and the switch's side",
    ],
    speeds.size > 1 && [
      `ports at ${[...speeds].map((speed) => (speed === undefined ? "unknown speed" : gigabits(speed))).join(" and ")}`,
      "Give all ports of the bond one speed",
    ],
    up.some((port) => port.duplex === "half") && ["a port at half duplex", "Set it to full duplex"],
    groups.size > 1 && [
      `ports in aggregators ${[...groups].map((group) => group ?? "none").join(" and ")}`,
      "Put all ports into one LAG at the switch; with two switches they need MLAG",
    ],
    churned.length > 0 && [
      `LACP does not come to agree on ${churned.join(", ")}`,
      "Look whether the switch has the port in the same LAG, with LACP and at the same speed",
    ],
    active === "none" && ["no active aggregator", "Configure LACP at the switch"],
    partner === noPartner && [
      "no LACP partner answers (its address is all zeros)",
      "Configure LACP at the switch's side of these ports",
    ],
  ];
  return faults.filter((fault) => fault !== false);
}

function rateOf(name: string, { lacpRate }: Bond): CheckFinding {
  const question: Question = {
    what: `lacp rate of ${printable(name, 15)}`,
    weight: "advised",
    wanted: "fast: a dead partner is noticed after 3 s instead of 90 s",
  };
  if (lacpRate === "fast") return holds(question, "fast");
  return holdsNot(question, lacpRate ?? "unknown", "Set lacp_rate to fast, here and at the switch");
}

function inWords({ ports, active, lacpRate }: Bond): string {
  const [first] = ports;
  const speed = first?.speed === undefined ? "unknown speed" : gigabits(first.speed);
  const group = first?.aggregator === undefined ? "" : `, aggregator ${first.aggregator}`;
  const partner = active === undefined || active === "none" ? "" : `, partner ${active.partner}`;
  return `802.3ad, ${ports.length} of ${ports.length} ports up at ${speed}${group}${partner}, LACP ${lacpRate ?? "?"}`;
}
