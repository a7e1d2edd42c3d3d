// The way back from an appliance to a machine: everything that was installed goes, media only when that is asked for.
import { type Found, linkComplaint } from "./install-machine.ts";
import { pathComplaint } from "./install-order.ts";
import { isOurLink } from "./install-ownership.ts";
import { agentFolders, agentService, firewallService, installPaths } from "./install-paths.ts";
import type { InstallRecord } from "./install-record.ts";
import { runStep, type Step } from "./install-steps.ts";

export interface WayBackOrder {
  /** "/" or another root. */
  readonly root: string;
  /** With media, state and the user too. */
  readonly reach: "installed" | "everything";
}

export interface WayBackFacts {
  readonly found: Found;
  readonly record: InstallRecord;
  readonly present: readonly string[];
  readonly inPrefix: readonly string[];
  /** Symbolic links of another root on the way to what is removed. */
  readonly links: readonly string[];
  readonly hasUser: boolean;
}

export type WayBack =
  | { readonly kind: "refused"; readonly complaints: readonly string[] }
  | { readonly kind: "planned"; readonly steps: readonly Step[]; readonly notes: readonly string[] };

export function planWayBack(order: WayBackOrder, facts: WayBackFacts): WayBack {
  const { record, found, present } = facts;
  const complaints = [
    ...pathComplaint(`dir in ${installPaths.record}`, record.dir),
    ...pathComplaint(`prefix in ${installPaths.record}`, record.prefix),
    ...facts.links.map(linkComplaint),
  ];
  if (complaints.length > 0) return { kind: "refused", complaints };
  const everything = order.reach === "everything";
  const removed = (path: string): Step => removeStep(path, found);
  const steps: readonly Step[] = [
    ...stops(order, facts),
    ...[installPaths.agentWanted, installPaths.firewallWanted].map(removed),
    ...Object.entries(record.files).map(([path, text]) =>
      everything ? removed(path) : ownFileStep(path, text, found),
    ),
    removed(installPaths.token),
    currentStep(facts),
    ...present.map((name) => removeStep(`${record.prefix}/${name}`, undefined)),
    emptyFolderStep(record.prefix, facts),
    ...(everything ? purge(order, facts) : []),
    ...(order.root === "/" ? [runStep(["systemctl", "daemon-reload"], { isDue: true, because: "" })] : []),
  ];
  return { kind: "planned", steps, notes: notesOn(order, facts) };
}

function stops({ root }: WayBackOrder, { record, found }: WayBackFacts): readonly Step[] {
  if (root !== "/") return [];
  const stop = (service: string, unit: string): Step =>
    runStep(["systemctl", "stop", service], { isDue: found.has(unit), because: "" });
  const prefix = `${record.dir}/nginx`;
  return [
    stop(agentService, installPaths.agentUnit),
    stop(firewallService, installPaths.firewallUnit),
    {
      does: found.has(installPaths.agentUnit) ? "run" : "nothing",
      what: `end what an agent that was killed left serving in ${prefix}`,
      because: "",
      action: { kind: "end-nginx", path: prefix },
    },
  ];
}

function removeStep(path: string, found: Found | undefined): Step {
  const isThere = found === undefined || found.has(path);
  return { does: isThere ? "remove" : "nothing", what: path, because: "", action: { kind: "remove", path } };
}

function ownFileStep(path: string, text: string, found: Found): Step {
  const at = found.get(path);
  if (at === undefined || (at.kind === "file" && at.text === text)) return removeStep(path, found);
  return { does: "keep", what: path, because: "edited by hand", action: { kind: "remove", path } };
}

function currentStep({ record, found, inPrefix, present }: WayBackFacts): Step {
  const step = removeStep(`${record.prefix}/current`, found);
  if (isOurLink(record.prefix, { found, inPrefix, present })) return step;
  return { ...step, does: "keep", because: "it names no release of Millrace" };
}

/** What was there before the installation stays. */
function madeStep(path: string, { record, found }: WayBackFacts): Step {
  const step = removeStep(path, found);
  if (!found.has(path) || isMade(record, path)) return step;
  return { ...step, does: "keep", because: wasThere };
}

const wasThere = "not known to have been made by the installation";

function isMade({ made }: InstallRecord, path: string): boolean {
  return made?.folders.includes(path) === true;
}

function emptyFolderStep(path: string, { record, found }: WayBackFacts): Step {
  const isOurs = isMade(record, path);
  return {
    does: !found.has(path) ? "nothing" : isOurs ? "remove" : "keep",
    what: `${path}/`,
    because: isOurs ? "if nothing else is in it" : wasThere,
    action: { kind: "remove-if-empty", path },
  };
}

function purge(order: WayBackOrder, facts: WayBackFacts): readonly Step[] {
  const { record, found } = facts;
  return [
    ...agentFolders.map((name) => madeStep(`${record.dir}/${name}`, facts)),
    emptyFolderStep(record.dir, facts),
    removeStep(installPaths.record, found),
    emptyFolderStep(installPaths.folder, facts),
    ...userSteps(order, facts),
  ];
}

/** userdel takes a group of the same name along when it is the user's first group: one that was there is spared that. */
function userSteps({ root }: WayBackOrder, { record, hasUser }: WayBackFacts): readonly Step[] {
  const { user, made } = record;
  const inRoot = root === "/" ? [] : ["--prefix", root];
  const isDue = hasUser && made?.user === true;
  const step = {
    ...runStep(["userdel", ...inRoot, user], { isDue, because: "" }),
    what: `user ${user}`,
  };
  if (hasUser && !isDue) return [{ ...step, does: "keep", because: wasThere }];
  const spare = runStep(["usermod", ...inRoot, "--gid", "nogroup", user], { isDue, because: "" });
  return made?.group === true ? [step] : [{ ...spare, what: `group ${user} stays` }, step];
}

function notesOn(order: WayBackOrder, { record }: WayBackFacts): readonly string[] {
  return [
    ...(order.reach === "everything"
      ? []
      : [`Media and state stay in ${record.dir}, and ${record.user} owns them: --purge deletes both.`]),
    ...(record.switchedOffNginx
      ? ["Debian's nginx.service was switched off by the installation: systemctl enable --now nginx"]
      : []),
    "Kernel settings keep their values until the next boot.",
  ];
}
