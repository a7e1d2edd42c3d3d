// From options and facts to the ordered steps that make a Debian machine an appliance. Nothing is done here.
import type { Bytes } from "#units/quantity.ts";
import { environmentText } from "./install-environment.ts";
import { firewallText, firewallUnit } from "./install-firewall.ts";
import { sysctlText } from "./install-kernel.ts";
import { complaintsAboutMachine, type MachineFacts, shareOf } from "./install-machine.ts";
import { type InstallOrder, servedPorts } from "./install-order.ts";
import { currentRelease, madeBy } from "./install-ownership.ts";
import { agentService, debianNginxService, firewallService, installPaths } from "./install-paths.ts";
import type { InstallRecord } from "./install-record.ts";
import { portSet, sshPortsInRuleset } from "./install-ssh.ts";
import { fileStep, folderStep, linkStep, type Owner, runStep, type Step } from "./install-steps.ts";
import { agentUnit } from "./install-unit.ts";
import { edgeSettings } from "./settings.ts";

export type InstallPlan =
  | { readonly kind: "refused"; readonly complaints: readonly string[] }
  | {
      readonly kind: "planned";
      /** Users, folders, files. */
      readonly writes: readonly Step[];
      /** What the running system is told once all is written. */
      readonly tells: readonly Step[];
      /** What is to be remembered before anything is done, so that a run that is cut off still knows what it made. */
      readonly intent: InstallRecord;
      /** What is to be remembered once all is written; with `isTold` once the system knows it too. */
      readonly record: InstallRecord;
      /** What the operator should know; nothing is wrong. */
      readonly notes: readonly string[];
    };

/** A token that was handed over: new, the one that is there already, or none. */
export type TokenState = "new" | "same" | "kept" | "missing";

/** Beside the current release the one before is kept, to go back to. */
const keptReleases = 1;

export function planInstall(order: InstallOrder, facts: MachineFacts, token: TokenState): InstallPlan {
  const complaints = [
    ...complaintsAboutMachine(order, facts),
    ...(token === "missing"
      ? [
          "--token-file: wanted, since no token is installed yet. It is applianceToken in control's secrets.json.",
        ]
      : []),
  ];
  if (complaints.length > 0) return { kind: "refused", complaints };
  const budget = order.budget ?? shareOf(facts.disk);
  const made = [...userAndFolders(order, facts), ...release(order, facts)];
  const files = fileSteps(order, facts, budget);
  const written = [...made, tokenStep(token), ...files, ...links(order, facts)];
  const record = recordOf(order, facts, files);
  return {
    kind: "planned",
    writes: written,
    tells: [...services(order, facts, written), ...oldReleases(order, facts)],
    intent: { ...record, isTold: false, files: facts.record?.files ?? {} },
    record,
    notes: notesOn(order, facts),
  };
}

function userAndFolders(order: InstallOrder, facts: MachineFacts): readonly Step[] {
  const { user, dir, prefix } = order;
  const uid = facts.user?.uid;
  return [
    {
      ...runStep(userArgv(order, facts), { isDue: facts.user === undefined, because: "" }),
      what: `user ${user}`,
    },
    folderStep({ path: dir, mode: 0o750, owner: "appliance" }, facts.found, uid),
    folderStep({ path: installPaths.folder, mode: 0o755, owner: "root" }, facts.found, 0),
    folderStep({ path: prefix, mode: 0o755, owner: "root" }, facts.found, 0),
  ];
}

/** Source: useradd(8); `--prefix` writes another root's files without entering it. */
function userArgv({ user, dir, root }: InstallOrder, facts: MachineFacts): readonly ["useradd", ...string[]] {
  return [
    "useradd",
    ...(root === "/" ? [] : ["--prefix", root]),
    "--system",
    ...(facts.hasGroup ? ["--gid", user] : ["--user-group"]),
    ...["--no-create-home", "--home-dir", dir, "--shell", "/usr/sbin/nologin"],
    ...["--comment", "Millrace appliance", user],
  ];
}

function release(
  order: InstallOrder,
  { release: { name, files, bytes: size, present }, found }: MachineFacts,
): readonly Step[] {
  const path = `${order.prefix}/${name}`;
  return [
    {
      does: present.includes(name) ? "nothing" : "create",
      what: `${path}/`,
      because: `this Millrace and its Node, ${files} files, ${Math.ceil(size / 1e6)} MB`,
      action: { kind: "release", path, files, bytes: size },
    },
    linkStep(`${order.prefix}/current`, name, found),
  ];
}

function oldReleases(
  order: InstallOrder,
  { release: { name, present }, found }: MachineFacts,
): readonly Step[] {
  const current = currentRelease(order.prefix, found) ?? name;
  const older = present.filter((one) => one !== name && one !== current);
  const spare = current === name ? older.slice(keptReleases) : older;
  return spare.map((one) => ({
    does: "remove",
    what: `${order.prefix}/${one}/`,
    because: "an older release; the one before is kept",
    action: { kind: "remove", path: `${order.prefix}/${one}` },
  }));
}

function tokenStep(token: TokenState): Step {
  return {
    does: token === "new" ? "create" : token === "kept" ? "keep" : "nothing",
    what: installPaths.token,
    because: "the token, which is not shown",
    action: { kind: "secret", path: installPaths.token, mode: 0o600, owner: "appliance" },
  };
}

interface WantedFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
}

/** Every file but the token, with its text. */
export function wantedFiles(
  order: InstallOrder,
  sshPorts: readonly number[],
  budget: Bytes,
): readonly WantedFile[] {
  const text = (path: string, content: string): WantedFile => ({
    path,
    text: content,
    mode: 0o644,
    owner: "root",
  });
  return [
    text(installPaths.environment, environmentText(order)),
    text(installPaths.sysctl, sysctlText()),
    text(installPaths.firewall, firewallText({ serve: servedPorts(order), ssh: sshPorts })),
    text(installPaths.firewallUnit, firewallUnit()),
    text(installPaths.agentUnit, agentUnit(order, budget)),
  ];
}

/** Found now or open before: a port that is not found today may be the one that the operator comes through tomorrow. */
function openSshPorts(
  { sshPorts }: InstallOrder,
  { sshPorts: found, record }: MachineFacts,
): readonly number[] {
  const before = record?.sshPorts ?? sshPortsInRuleset(record?.files[installPaths.firewall] ?? "");
  return sshPorts ?? portSet([...found, ...before]);
}

function fileSteps(order: InstallOrder, facts: MachineFacts, budget: Bytes): readonly Step[] {
  return wantedFiles(order, openSshPorts(order, facts), budget).map((file) =>
    fileStep(file, {
      found: facts.found.get(file.path),
      before: facts.record?.files[file.path],
      edited: order.edited,
      uid: 0,
    }),
  );
}

/** What `systemctl enable` does, which also works in a root where no systemd runs. Source: systemd.unit(5), WantedBy=. */
function links(order: InstallOrder, facts: MachineFacts): readonly Step[] {
  const off = facts.found.get(installPaths.debianNginxWanted);
  const switchesOff = switchesOffNginx(order, facts) && order.root !== "/" && off !== undefined;
  return [
    linkStep(installPaths.agentWanted, installPaths.agentUnit, facts.found),
    ...(order.firewall === "enabled"
      ? [linkStep(installPaths.firewallWanted, installPaths.firewallUnit, facts.found)]
      : []),
    ...(switchesOff
      ? [
          {
            does: "remove" as const,
            what: installPaths.debianNginxWanted,
            because: welcomePage,
            action: { kind: "remove" as const, path: installPaths.debianNginxWanted },
          },
        ]
      : []),
  ];
}

const welcomePage = "Debian's own nginx serves nothing but its welcome page; the agent runs its own";

function switchesOffNginx(order: InstallOrder, { debianNginx }: MachineFacts): boolean {
  return order.debianNginx === "switch-off" && debianNginx.kind === "welcome-page";
}

/** Paths that the system has not been told of: written now, or by a run that did not get that far. */
function news({ record }: MachineFacts, written: readonly Step[]): ReadonlySet<string> {
  const isUntold = record?.isTold !== true;
  const fresh = written.filter(({ does, action }) => {
    if (does === "keep" || does === "conflict") return false;
    const isUnknown = action.kind === "file" && record?.files[action.path] !== action.text;
    return does !== "nothing" || isUntold || isUnknown;
  });
  return new Set(fresh.flatMap(({ action }) => ("path" in action ? [action.path] : [])));
}

/** What a running systemd is told; in another root there is none to tell. */
function services(order: InstallOrder, facts: MachineFacts, written: readonly Step[]): readonly Step[] {
  if (order.root !== "/") return [];
  const fresh = news(facts, written);
  const changed = (...paths: readonly string[]): boolean => paths.some((path) => fresh.has(path));
  const { agentUnit: unit, firewallUnit: wall, sysctl, environment, token, firewall } = installPaths;
  const isNew = changed(unit, environment, token, `${order.prefix}/current`);
  return [
    ...(facts.debianNginx.kind === "welcome-page"
      ? [
          runStep(["systemctl", "disable", "--now", debianNginxService], {
            isDue: switchesOffNginx(order, facts),
            because: welcomePage,
          }),
        ]
      : []),
    runStep(["/lib/systemd/systemd-sysctl", sysctl], { isDue: changed(sysctl), because: "" }),
    runStep(["systemctl", "daemon-reload"], {
      isDue: changed(unit, wall, installPaths.agentWanted, installPaths.firewallWanted),
      because: "",
    }),
    ...(order.firewall === "enabled" ? firewallSteps(order, facts, changed(firewall, wall)) : []),
    facts.isServing
      ? handOverStep(isNew)
      : runStep(["systemctl", "start", agentService], { isDue: true, because: "" }),
  ];
}

/** The agent leaves with its proofs and without its nginx; the next one, which systemd starts, adopts both ([ED85], [ED87]). */
function handOverStep(isDue: boolean): Step {
  return {
    does: isDue ? "run" : "nothing",
    what: "a new agent",
    because: "nginx serves on meanwhile",
    action: { kind: "hand-over", service: agentService },
  };
}

/** The rules are read in full before any of them counts. */
function firewallSteps(order: InstallOrder, facts: MachineFacts, isChanged: boolean): readonly Step[] {
  const isDue = isChanged || !facts.isFirewallUp;
  const verb = facts.isFirewallUp ? "reload" : "start";
  return [
    runStep(["/usr/sbin/nft", "--check", "--file", installPaths.firewall], { isDue, because: "" }),
    runStep(["systemctl", verb, firewallService], {
      isDue,
      because: `ssh stays open at ${openSshPorts(order, facts).join(", ")}`,
    }),
  ];
}

function recordOf(order: InstallOrder, facts: MachineFacts, files: readonly Step[]): InstallRecord {
  const texts = files.flatMap(({ does, action }) => {
    if (action.kind !== "file") return [];
    const text = does === "conflict" ? facts.record?.files[action.path] : action.text;
    return text === undefined ? [] : [[action.path, text] as const];
  });
  return {
    id: order.id,
    user: order.user,
    dir: order.dir,
    prefix: order.prefix,
    isTold: true,
    switchedOffNginx: switchesOffNginx(order, facts) || facts.record?.switchedOffNginx === true,
    sshPorts: openSshPorts(order, facts),
    made: madeBy(order, facts),
    files: Object.fromEntries(texts),
  };
}

function notesOn(order: InstallOrder, facts: MachineFacts): readonly string[] {
  return [
    ...(facts.hasSetMisc
      ? []
      : [
          "nginx has no set-misc module, so signed paths would use the weaker MD5 envelope, which control does not sign with where its own nginx has the module: apt-get install libnginx-mod-http-set-misc",
        ]),
    ...(facts.debianNginx.kind === "serves"
      ? [`Debian's nginx.service serves something (${facts.debianNginx.what}) and is left as it is.`]
      : []),
    ...(facts.debianNginx.kind === "welcome-page" && order.debianNginx === "keep"
      ? ["Debian's nginx.service is left as it is, as asked."]
      : []),
    ...(order.firewall === "enabled"
      ? []
      : [`The firewall (${installPaths.firewall}) was written and not switched on: --firewall does.`]),
    ...tlsNotes(order, facts),
    ...closedSshNotes(order, facts),
    ...(order.root === "/" ? [] : ["In another root nothing is started; it will be at the next boot."]),
  ];
}

function closedSshNotes({ sshPorts }: InstallOrder, { sshPorts: found }: MachineFacts): readonly string[] {
  const closed =
    sshPorts === undefined ? [] : found.filter((port) => port !== 22 && !sshPorts.includes(port));
  return closed.length === 0
    ? []
    : [`ssh seems to listen at ${closed.join(", ")} too, which --ssh-ports closes.`];
}

function tlsNotes({ tls, user }: InstallOrder, { found }: MachineFacts): readonly string[] {
  if (tls !== undefined)
    return [`nginx runs as ${user}, which has to be able to read ${tls.certificate} and ${tls.key}.`];
  const at = found.get(installPaths.environment);
  const isSetByHand =
    at?.kind === "file" && new RegExp(`^${edgeSettings.tlsListen.name}=.`, "m").test(at.text);
  return isSetByHand
    ? [
        `${edgeSettings.tlsListen.name} was set by hand: firewall and unit do not know its port. Say --tls-listen, --tls-certificate and --tls-key instead.`,
      ]
    : [];
}
