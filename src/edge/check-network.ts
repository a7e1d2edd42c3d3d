// Speed of the ports, and what arrives from the origin's side.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, gigabits, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";

export interface PortSpeed {
  readonly name: string;
  /** In bit/s. */
  readonly speed: Told<number>;
}

/** Linux, /sys/class/net/NAME/speed: Mbit/s, −1 where the driver does not know. */
export function readSpeed(text: string): number | undefined {
  const [mbits] = /^\d{1,8}$/.exec(text.trim()) ?? [];
  return mbits === undefined || Number(mbits) === 0 ? undefined : Number(mbits) * 1e6;
}

export function judgePorts(ports: Told<readonly PortSpeed[]>, { portBps }: Requirements): CheckFinding {
  const question: Question = {
    what: "ports",
    weight: "required",
    wanted: `${gigabits(portBps)} or more each`,
  };
  if (ports.kind === "untold") return cannotTell(question, ports.because, ports.mend);
  const [unknown] = ports.value.flatMap(({ speed }) => (speed.kind === "untold" ? [speed] : []));
  const found = ports.value.map(({ name, speed }) => {
    const text = speed.kind === "told" ? gigabits(speed.value) : "unknown";
    return `${printable(name, 15)} ${text}`;
  });
  const isSlow = ports.value.some(({ speed }) => speed.kind === "told" && speed.value < portBps);
  if (isSlow)
    return holdsNot(
      question,
      found.join(", "),
      "Use faster ports, or look what they negotiated: ethtool PORT",
    );
  if (ports.value.length === 0)
    return cannotTell(question, "no port is known", "Name the ports with --interface");
  if (unknown !== undefined)
    return cannotTell(question, `${found.join(", ")}: ${unknown.because}`, unknown.mend);
  return holds(question, found.join(", "));
}

/** What arrives: seen, or said by the operator. */
export type Inbound =
  | { readonly how: "declared"; readonly bps: number }
  | { readonly how: "measured"; readonly bps: number; readonly bytes: number; readonly seconds: number };

export function judgeInbound(inbound: Told<Inbound>, { inboundBps }: Requirements): CheckFinding {
  const question: Question = {
    what: "inbound",
    weight: "required",
    wanted: `${gigabits(inboundBps)} or more for the nightly fill`,
  };
  if (inbound.kind === "untold") return cannotTell(question, inbound.because, inbound.mend);
  const { value } = inbound;
  const found =
    value.how === "declared"
      ? `${gigabits(value.bps)}, declared, not measured`
      : `${gigabits(value.bps)}, measured: ${(value.bytes / 1e6).toFixed(0)} MB in ${value.seconds.toFixed(1)} s`;
  if (value.bps >= inboundBps) return holds(question, found);
  return holdsNot(
    question,
    found,
    "Ask the network for more, or measure again where nothing else is under way",
  );
}

/** "1.2Gbit/s", "1200 Mbit/s", "1200000000": bit/s; undefined when it is none. */
export function readRate(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?) ?(|[kMGT]?bit\/s)$/.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const scale =
    new Map([
      ["k", 1e3],
      ["M", 1e6],
      ["G", 1e9],
      ["T", 1e12],
    ]).get(unit.charAt(0)) ?? 1;
  return Number(digits) * scale;
}

/** Interfaces that `ip -j route show default` names. Source: ip-route(8); several next hops stand in `nexthops`. */
export function defaultDevices(json: string): readonly string[] {
  return [...json.matchAll(/"dev":"((?:[^"\\]|\\.){1,90})"/g)]
    .slice(0, 64)
    .flatMap(([, name]) => unquoted(name ?? ""));
}

function unquoted(text: string): readonly string[] {
  try {
    const name: unknown = JSON.parse(`"${text}"`);
    return typeof name === "string" ? [name] : [];
  } catch {
    return [];
  }
}

/** A name that no program takes for an option or a pattern. The kernel allows more: all but blanks, "/" and ":". */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,14}$/.test(name);
}
