// Light of a port's module, from what `ethtool -m` prints of its memory. Sources: SFF-8472 (SFP+), SFF-8636 (QSFP28), CMIS
// (QSFP-DD, OSFP), and ethtool's sfpdiag.c, qsfp.c, cmis.c for the words.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

export interface Light {
  readonly lane: number;
  readonly side: "Rx" | "Tx";
  /** In dBm; −∞ for darkness. */
  readonly dbm: number;
}

export interface Module {
  readonly identifier: string;
  /** A cable of copper, which carries no light. */
  readonly isCopper: boolean;
  readonly lights: readonly Light[];
  /** Raised now: "Laser rx power low alarm (lane 2)". */
  readonly alarms: readonly string[];
  readonly warnings: readonly string[];
}

const mostLines = 2000;
const channel = String.raw`\s*(?:\((?:Channel|Chan) (\d{1,2})\))?$`;
const received = new RegExp(
  `^(?:Rcvr signal avg optical power|Receiver signal average optical power|Receiver signal OMA)${channel}`,
);
const sent = new RegExp(`^(?:Laser output power|Transmit avg optical power)${channel}`);
const flag = new RegExp(`^(.{1,60}?) (alarm|warning)${channel}`);
const copperFields = ["Connector", "Transmitter technology", "Transceiver type"];

export function readModule(text: string): Module {
  const fields = text
    .slice(0, 256 * 1024)
    .split("\n")
    .slice(0, mostLines)
    .flatMap(fieldOf);
  const lights = fields.flatMap(([name, value]) => [
    ...lightOf("Rx", received.exec(name), value),
    ...lightOf("Tx", sent.exec(name), value),
  ]);
  const raised = fields.flatMap(([name, value]) => (value === "On" ? flagOf(name) : []));
  return {
    identifier: fields.find(([name]) => name === "Identifier")?.[1] ?? "",
    isCopper: fields.some(
      ([name, value]) => copperFields.includes(name) && /copper|passive cable/i.test(value),
    ),
    lights,
    alarms: raised.filter(({ kind }) => kind === "alarm").map(({ words }) => words),
    warnings: raised.filter(({ kind }) => kind === "warning").map(({ words }) => words),
  };
}

function fieldOf(line: string): readonly (readonly [name: string, value: string])[] {
  const colon = line.indexOf(":");
  return colon < 0 || line.length > 400 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
}

function lightOf(side: Light["side"], match: RegExpExecArray | null, value: string): readonly Light[] {
  const [, dbm] = /(-?\d{1,3}(?:\.\d{1,4})?|-inf) dBm$/.exec(value) ?? [];
  if (match === null || dbm === undefined) return [];
  return [
    { lane: Number(match[1] ?? 1), side, dbm: dbm === "-inf" ? Number.NEGATIVE_INFINITY : Number(dbm) },
  ];
}

function flagOf(name: string): readonly { readonly kind: string; readonly words: string }[] {
  const [, what, kind, lane] = flag.exec(name) ?? [];
  if (what === undefined || kind === undefined) return [];
  const where = lane === undefined ? "" : ` (lane ${lane})`;
  return [{ kind, words: `${what.trim()} ${kind}${where}` }];
}

/** A port, and what ethtool said of its module. */
export interface PortModule {
  readonly name: string;
  readonly module: Told<string>;
}

export function judgeOptics(
  ports: Told<readonly PortModule[]>,
  wanted: Requirements,
): readonly CheckFinding[] {
  const { lowestDbm, highestDbm } = wanted;
  const question: Question = {
    what: "optics",
    weight: "required",
    wanted: `${highestDbm} to ${signed(lowestDbm)} dBm per lane, received and sent, no alarm`,
  };
  if (ports.kind === "untold") return [cannotTell(question, ports.because, ports.mend)];
  if (ports.value.length === 0) {
    return [cannotTell(question, "no port of the uplink is known", "Name the ports with --interface")];
  }
  return ports.value.map((port) => {
    const own = { ...question, what: `optics of ${printable(port.name, 15)}` };
    if (port.module.kind === "untold") return cannotTell(own, port.module.because, port.module.mend);
    return judgeModule(readModule(port.module.value), own, wanted);
  });
}

function judgeModule(
  module: Module,
  question: Question,
  { lowestDbm, highestDbm }: Requirements,
): CheckFinding {
  if (module.isCopper && module.lights.every(({ dbm }) => dbm === Number.NEGATIVE_INFINITY)) {
    return holdsNot(question, "a copper cable, which carries no light", "Use an optical module");
  }
  if (!["Rx", "Tx"].every((side) => module.lights.some((light) => light.side === side))) {
    const found = `${module.identifier || "the module"} does not measure its light (no DOM)`;
    return cannotTell(question, found, "Use a module with diagnostics (DOM), or measure with a power meter");
  }
  const wrong = module.lights.filter(({ dbm }) => !(dbm >= lowestDbm && dbm <= highestDbm));
  const faults = [...wrong.map(laneInWords), ...module.alarms];
  if (faults.length > 0) return holdsNot(question, faults.join(", "), mendFor(wrong, highestDbm));
  const warned = module.warnings.length === 0 ? "" : `; ${module.warnings.join(", ")}`;
  return holds(question, `${rangeOf(module, "Rx")}, ${rangeOf(module, "Tx")}${warned}`);
}

function laneInWords({ lane, side, dbm }: Light): string {
  return dbm === Number.NEGATIVE_INFINITY
    ? `${side} lane ${lane} is dark`
    : `${side} lane ${lane} at ${signed(dbm)} dBm`;
}

function mendFor(wrong: readonly Light[], highestDbm: number): string {
  const [first] = wrong;
  if (first === undefined) return "Look up the module's alarm in its data sheet; replace it if it stays";
  if (first.dbm > highestDbm) return "Too much light: put in an attenuator, or a module for a shorter way";
  return first.side === "Rx"
    ? "Too little light arrives: clean and reseat the fibre, look at the other end's transmitter"
    : "Too little light leaves: switch the port on, or replace the module";
}

function rangeOf({ lights }: Module, side: Light["side"]): string {
  const own = lights.filter((light) => light.side === side).map(({ dbm }) => dbm);
  const [low, high] = [Math.min(...own), Math.max(...own)];
  const range = low === high ? signed(low) : `${signed(high)} to ${signed(low)}`;
  return `${side} ${range} dBm${own.length === 1 ? "" : ` on ${own.length} lanes`}`;
}

function signed(dbm: number): string {
  return `${dbm}`.replace("-", "−");
}
