// `millrace appliance install`: makes a Debian machine, or another root, an appliance.
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineCommand } from "citty";
import { edgeFaults } from "#edge/faults.ts";
import { complaintsAboutOrder, type InstallOrder, readSize } from "#edge/install-order.ts";
import { type InstallPlan, planInstall } from "#edge/install-plan.ts";
import { readPorts } from "#edge/install-ssh.ts";
import { isDone } from "#edge/install-steps.ts";
import { carryOut, remember, type Site } from "#edge/io/install-do.ts";
import { readFacts, tokenState } from "#edge/io/install-facts.ts";
import { ownFolder, readRelease } from "#edge/io/release.ts";
import { parseListen } from "#io/port-holder.ts";
import { Fault } from "#units/fault.ts";
import { idPattern } from "#units/id.ts";
import { stepInFull, stepLine } from "./install-words.ts";
import { runProgram } from "./program.ts";
import { refusedUsage } from "./usage.ts";

const example =
  "millrace appliance install --id ID --control URL --token-file FILE --listen HOST:PORT [--advertise URL] [--dir DIR] [--budget 900G] [--dry-run]";

const args = {
  id: { type: "string", required: true, description: "This appliance's id, as the control plane knows it" },
  control: { type: "string", required: true, description: "Address of the control plane: http://HOST:PORT" },
  "token-file": {
    type: "string",
    description: "File that holds the appliance's token; not needed again once it is installed",
  },
  listen: { type: "string", required: true, description: "Where nginx listens: HOST:PORT" },
  "tls-listen": {
    type: "string",
    description: "Where nginx speaks TLS besides: HOST:PORT, opened in the firewall too",
  },
  "tls-certificate": { type: "string", description: "PEM file of the certificate, with those behind it" },
  "tls-key": { type: "string", description: "PEM file of its key, readable for the user" },
  advertise: { type: "string", description: "Address that viewers reach it at, when not http://LISTEN" },
  dir: { type: "string", default: "/var/lib/millrace", description: "Folder for media, best a disk's own" },
  budget: {
    type: "string",
    description: "Bytes that it may hold: 900G, 4T (default: nine tenths of the disk, if that is DIR's own)",
  },
  user: { type: "string", default: "millrace", description: "System user that it runs as" },
  prefix: { type: "string", default: "/opt/millrace", description: "Folder that Millrace is copied into" },
  "stop-grace": {
    type: "string",
    default: "30",
    description: "Seconds that a stopping nginx may finish what it sends",
  },
  firewall: { type: "boolean", default: false, description: "Switch the firewall on, not only write it" },
  "ssh-ports": {
    type: "string",
    description: "Ports the firewall leaves open for ssh: 22,2222 (default: found now or open before)",
  },
  "keep-nginx": {
    type: "boolean",
    default: false,
    description: "Leave Debian's nginx.service on even if it serves only its welcome page",
  },
  root: { type: "string", default: "/", description: "Install into another root; nothing is started there" },
  "dry-run": { type: "boolean", default: false, description: "Print all that would be done, and do nothing" },
  force: { type: "boolean", default: false, description: "Replace files that were edited by hand" },
} as const;

interface Given {
  readonly id: string;
  readonly control: string;
  readonly listen: string;
  readonly "tls-listen"?: string | undefined;
  readonly "tls-certificate"?: string | undefined;
  readonly "tls-key"?: string | undefined;
  readonly advertise?: string | undefined;
  readonly dir: string;
  readonly budget?: string | undefined;
  readonly user: string;
  readonly prefix: string;
  readonly "stop-grace": string;
  readonly firewall: boolean;
  readonly "ssh-ports"?: string | undefined;
  readonly "keep-nginx": boolean;
  readonly root: string;
  readonly force: boolean;
}

export const installCommand = defineCommand({
  meta: {
    name: "install",
    description: "Make this Debian machine an appliance: user, folders, unit, settings",
  },
  args,
  run: async ({ args: given }) => {
    const order = orderOf(given);
    if (refusedUsage(complaintsAbout(given, order), example)) return;
    await runProgram((signal) =>
      given["dry-run"]
        ? dryRun(order, given["token-file"], signal)
        : install(order, given["token-file"], signal),
    );
  },
});

function orderOf(given: Given): InstallOrder {
  return {
    id: given.id,
    controlUrl: given.control,
    listen: parseListen(given.listen) ?? { host: "", port: 0 },
    tls: tlsOf(given),
    advertise: given.advertise,
    dir: withoutSlash(given.dir),
    budget: given.budget === undefined ? undefined : readSize(given.budget),
    user: given.user,
    prefix: withoutSlash(given.prefix),
    stopGraceSeconds: Number(given["stop-grace"]),
    firewall: given.firewall ? "enabled" : "only-written",
    sshPorts: given["ssh-ports"] === undefined ? undefined : readPorts(given["ssh-ports"]),
    debianNginx: given["keep-nginx"] ? "keep" : "switch-off",
    root: resolve(given.root),
    edited: given.force ? "replace" : "keep",
  };
}

/** With any of the three the others are wanted too: what is missing is complained about. */
function tlsOf(given: Given): InstallOrder["tls"] {
  const { "tls-listen": listen, "tls-certificate": certificate, "tls-key": key } = given;
  if (listen === undefined && certificate === undefined && key === undefined) return undefined;
  return {
    listen: parseListen(listen ?? "") ?? { host: "", port: 0 },
    certificate: certificate ?? "",
    key: key ?? "",
  };
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function complaintsAbout(given: Given, order: InstallOrder): readonly string[] {
  return [
    ...(idPattern.test(given.id)
      ? []
      : [`--id: wanted letters, digits, ".", "_" or "-", found "${given.id}"`]),
    ...(order.listen.port > 0 ? [] : [`--listen: wanted HOST:PORT, found "${given.listen}"`]),
    ...(given.budget !== undefined && order.budget === undefined
      ? [`--budget: wanted bytes, 900G or 4T, found "${given.budget}"`]
      : []),
    ...(given["ssh-ports"] !== undefined && order.sshPorts === undefined
      ? [`--ssh-ports: wanted ports like 22,2222, found "${given["ssh-ports"]}"`]
      : []),
    ...complaintsAboutOrder(order),
  ];
}

interface Planned {
  readonly plan: Extract<InstallPlan, { kind: "planned" }>;
  readonly site: Site;
}

async function planned(
  order: InstallOrder,
  tokenFile: string | undefined,
  signal: AbortSignal,
): Promise<Planned> {
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile);
  const release = await readRelease(ownFolder);
  const facts = await readFacts({ order, release, sshConnection: process.env.SSH_CONNECTION ?? "", signal });
  const plan = planInstall(order, facts, await tokenState(order, token));
  if (plan.kind === "refused") {
    throw new Fault(edgeFaults.installRefused, { complaints: plan.complaints.join("\n") });
  }
  const site = {
    root: order.root,
    user: order.user,
    release: { folder: ownFolder, paths: release.paths },
    token,
    stopGraceMs: order.stopGraceSeconds * 1000,
    signal,
    onStep: (step: Parameters<typeof stepLine>[0]) => say(stepLine(step)),
  };
  return { plan, site };
}

async function dryRun(
  order: InstallOrder,
  tokenFile: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { plan } = await planned(order, tokenFile, signal);
  const steps = [...plan.writes, ...plan.tells];
  for (const step of steps) say(stepInFull(step));
  say("");
  for (const note of plan.notes) say(note);
  const due = steps.filter((step) => !isDone(step)).length;
  say(due === 0 ? "Nothing to do." : `Nothing was changed: ${due} steps would be.`);
}

async function install(
  order: InstallOrder,
  tokenFile: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) throw new Fault(edgeFaults.installNeedsRoot, { uid });
  const { plan, site } = await planned(order, tokenFile, signal);
  if (plan.writes.some((step) => !isDone(step))) await remember(order.root, plan.intent);
  await carryOut(plan.writes, site);
  await remember(order.root, { ...plan.record, isTold: false });
  await carryOut(plan.tells, site);
  await remember(order.root, plan.record);
  const steps = [...plan.writes, ...plan.tells];
  const due = steps.filter((step) => !isDone(step)).length;
  say("");
  for (const note of plan.notes) say(note);
  say(due === 0 ? "Nothing to do." : `${due} steps done.`);
  const conflicts = steps.filter((step) => step.does === "conflict").map((step) => step.what);
  if (conflicts.length > 0) throw new Fault(edgeFaults.installConflict, { files: conflicts.join(", ") });
}

async function readToken(file: string): Promise<string> {
  const token = await readFile(file, "utf8").catch((error: unknown) => {
    const because = error instanceof Error ? error.message : String(error);
    throw new Fault(edgeFaults.tokenUnreadable, { file, because }, error);
  });
  if (token.trim() === "") throw new Fault(edgeFaults.tokenUnreadable, { file, because: "it is empty" });
  return token.trim();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
