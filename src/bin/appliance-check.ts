// `millrace appliance check`: whether this machine and its site are what an appliance needs.
import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { countsOf } from "#edge/check.ts";
import { isPlainName, readRate } from "#edge/check-network.ts";
import { type Requirements, requirementsOf } from "#edge/check-requirements.ts";
import { judgeSite } from "#edge/check-site.ts";
import { askSite, type CheckOrder } from "#edge/io/check-facts.ts";
import { keepOutcome, outcomeOf } from "#edge/io/check-kept.ts";
import { patience } from "#edge/io/check-programs.ts";
import { systemClock } from "#io/clock.ts";
import { programSettings } from "#io/settings.ts";
import { findNginx } from "#io/tools.ts";
import type { CheckProfile } from "#model/site-check.ts";
import { requirementsFile } from "#wire/check.ts";
import { checkText } from "./check-words.ts";
import { readJsonFile } from "./json-file.ts";
import { exitFailed, runProgram, settingsOf } from "./program.ts";
import { refusedUsage } from "./usage.ts";

/** Nothing failed, and something could not be told. */
const exitUnknown = 3;

const example =
  "millrace appliance check [--dir DIR] [--for site|lab] [--control URL] [--measure URL | --declared-inbound 1.2Gbit/s] [--interface NAMES] [--requirements FILE] [--json]";

const args = {
  dir: {
    type: "string",
    default: "/var/lib/millrace",
    description: "The appliance's folder; keeps the outcome",
  },
  for: {
    type: "string",
    default: "site",
    description: "site, or lab: without LAG, optics and public addresses",
  },
  control: { type: "string", description: "Control plane whose clock is compared: http://HOST:PORT" },
  measure: { type: "string", description: "Download this for 8 s, to measure what arrives" },
  "declared-inbound": { type: "string", description: "What arrives, unmeasured: 1.2Gbit/s" },
  interface: {
    type: "string",
    description: "Interfaces of the uplink: bond0,eth2 (default: the default route's)",
  },
  requirements: { type: "string", description: 'JSON of other numbers: {"lagPorts": 2, "portBps": 100e9}' },
  json: { type: "boolean", default: false, description: "One JSON document on standard output" },
} as const;

interface Given {
  readonly dir: string;
  readonly for: string;
  readonly control?: string | undefined;
  readonly measure?: string | undefined;
  readonly "declared-inbound"?: string | undefined;
  readonly interface?: string | undefined;
  readonly requirements?: string | undefined;
  readonly json: boolean;
}

export const checkCommand = defineCommand({
  meta: { name: "check", description: "Check that machine and site are what an appliance needs" },
  args,
  run: async ({ args: given }) => {
    if (refusedUsage(complaintsAbout(given), example)) return;
    await runProgram((signal) => check(given, signal));
  },
});

async function check(given: Given, signal: AbortSignal): Promise<void> {
  const profile: CheckProfile = given.for === "lab" ? "lab" : "site";
  const wanted = await requirementsIn(given.requirements, profile);
  const facts = await askSite({
    dir: resolve(given.dir),
    root: "/",
    interfaces: namesIn(given.interface),
    controlUrl: given.control,
    inbound: inboundOf(given),
    tools: await findNginx(settingsOf(programSettings), signal),
    clock: systemClock,
    path: `${process.env.PATH ?? ""}:/usr/sbin:/sbin`,
    patience,
    signal,
  });
  const findings = judgeSite(facts, wanted, profile);
  const outcome = outcomeOf(findings, { atMs: systemClock.wallMs(), profile, wanted });
  const kept = await keepIfThere(resolve(given.dir), () => keepOutcome(resolve(given.dir), outcome));
  if (given.json) {
    const { failures: _, ...summary } = outcome;
    process.stdout.write(
      `${JSON.stringify({ ...summary, requirements: wanted, kept, findings }, null, 2)}\n`,
    );
  } else {
    process.stdout.write(checkText(findings, outcome));
    process.stdout.write(
      kept ? "Kept: the agent reports it.\n" : `Not kept: ${given.dir} is no appliance's folder.\n`,
    );
  }
  const { doesNotHold, cannotBeTold } = countsOf(findings);
  if (doesNotHold > 0) process.exitCode = exitFailed;
  else if (cannotBeTold > 0) process.exitCode = exitUnknown;
}

async function keepIfThere(dir: string, keep: () => Promise<void>): Promise<boolean> {
  const isThere = await access(join(dir, "state")).then(
    () => true,
    () => false,
  );
  if (isThere) await keep();
  return isThere;
}

/** @throws Fault when the file cannot be read, or names what is no requirement */
async function requirementsIn(path: string | undefined, profile: CheckProfile): Promise<Requirements> {
  const own = requirementsOf(profile);
  if (path === undefined) return own;
  const named = Object.entries(await readJsonFile(path, requirementsFile)).filter(
    ([, value]) => value !== undefined,
  );
  return { ...own, ...Object.fromEntries(named) };
}

function namesIn(list: string | undefined): readonly string[] {
  return (list ?? "").split(",").filter((name) => name !== "");
}

function inboundOf(given: Given): CheckOrder["inbound"] {
  if (given.measure !== undefined) return { kind: "measure", url: given.measure };
  const bps = readRate(given["declared-inbound"] ?? "");
  return bps === undefined ? { kind: "unsaid" } : { kind: "declared", bps };
}

function complaintsAbout(given: Given): readonly string[] {
  const declared = given["declared-inbound"];
  const addresses = (["control", "measure"] as const).flatMap((name) => {
    const text = given[name];
    return text === undefined || isWebAddress(text) ? [] : [`--${name}: wanted http://…, found "${text}"`];
  });
  return [
    ...(given.for === "site" || given.for === "lab"
      ? []
      : [`--for: wanted site or lab, found "${given.for}"`]),
    ...addresses,
    ...(declared === undefined || readRate(declared) !== undefined
      ? []
      : [`--declared-inbound: wanted a rate such as 1.2Gbit/s, found "${declared}"`]),
    ...(declared !== undefined && given.measure !== undefined
      ? ["--measure, --declared-inbound: wanted one of them"]
      : []),
    ...namesIn(given.interface)
      .filter((name) => !isPlainName(name))
      .map((name) => `--interface: wanted names of interfaces, found "${name}"`),
  ];
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}
