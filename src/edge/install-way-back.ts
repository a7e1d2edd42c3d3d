// The way back from an appliance to a machine: everything that was installed goes, media only when that is asked for.
import type { Found } from "./install-machine.ts";
import { pathComplaint } from "./install-order.ts";
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
    removed(`${record.prefix}/current`),
    ...present.map((name) => removeStep(`${record.prefix}/${name}`, undefined)),
    emptyFolderStep(record.prefix, found),
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

function emptyFolderStep(path: string, found: Found): Step {
  return {
    does: found.has(path) ? "remove" : "nothing",
    what: `${path}/`,
    because: "if nothing else is in it",
    action: { kind: "remove-if-empty", path },
  };
}

function purge({ root }: WayBackOrder, { record, found, hasUser }: WayBackFacts): readonly Step[] {
  const userdel = ["userdel", ...(root === "/" ? [] : ["--prefix", root]), record.user] as const;
  return [
    ...agentFolders.map((name) => removeStep(`${record.dir}/${name}`, found)),
    emptyFolderStep(record.dir, found),
    removeStep(installPaths.record, found),
    emptyFolderStep(installPaths.folder, found),
    { ...runStep([...userdel], { isDue: hasUser, because: "" }), what: `user ${record.user}` },
  ];
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
