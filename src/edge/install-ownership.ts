// What is an installation's own, and what was there before: only the former may be taken over, replaced or deleted.
import type { Found, MachineFacts } from "./install-machine.ts";
import type { InstallOrder } from "./install-order.ts";
import { agentFolders, installPaths } from "./install-paths.ts";

/** What an installation made, so that the way back takes no more than that. */
export interface Made {
  readonly user: boolean;
  readonly group: boolean;
  /** Folders: those that were not there, or were an appliance's before. */
  readonly folders: readonly string[];
}

type Ownership = Pick<MachineFacts, "found" | "record" | "inDir" | "inPrefix" | "release">;

/** Every folder file systems make by themselves. Source: mklost+found(8). */
const ofFileSystem = ["lost+found"];
const releaseName = /-[0-9a-f]{12}$/;

export function ownershipComplaints(order: InstallOrder, facts: Ownership): readonly string[] {
  return [...dirComplaints(order, facts), ...prefixComplaints(order, facts)];
}

function dirComplaints({ dir }: InstallOrder, { inDir, record }: Ownership): readonly string[] {
  if (record?.dir === dir) return [];
  const names = inDir.filter((name) => !ofFileSystem.includes(name));
  if (names.length === 0 || isAppliances(names)) return [];
  return [
    `--dir: ${dir} holds what no appliance made (${some(names)}). Choose an empty folder, or a new one in it.`,
  ];
}

/** A disk that comes from another machine: media, and nothing that an agent does not make. */
function isAppliances(names: readonly string[]): boolean {
  const own: readonly string[] = agentFolders;
  return names.includes("v") && names.every((name) => own.includes(name) || ofFileSystem.includes(name));
}

function prefixComplaints(
  { prefix }: InstallOrder,
  { found, inPrefix, record, release }: Ownership,
): readonly string[] {
  const { name, present } = release;
  const foreign = inPrefix.filter((one) => one !== "current" && !present.includes(one));
  const link = `${prefix}/current`;
  return [
    ...(record?.prefix === prefix || foreign.length === 0
      ? []
      : [
          `--prefix: ${prefix} holds what no installation made (${some(foreign)}). Choose an empty folder, or a new one in it.`,
        ]),
    ...(record?.prefix === prefix && foreign.includes(name)
      ? [`${prefix}/${name} is no release that was copied whole. Move it away.`]
      : []),
    ...(isOurLink(prefix, { found, inPrefix, present }) || isRecordedLink({ prefix }, { found, record })
      ? []
      : [`${link} is there and names no release of Millrace. Move it away, or choose another --prefix.`]),
  ];
}

/** Releases that were copied before they were marked: the record stands for the mark. */
function isRecordedLink(
  { prefix }: Pick<InstallOrder, "prefix">,
  { found, record }: Pick<Ownership, "found" | "record">,
): boolean {
  return record?.prefix === prefix && releaseName.test(currentRelease(prefix, found) ?? "");
}

/** True without one. One that leads nowhere is nobody's. */
export function isOurLink(
  prefix: string,
  facts: { readonly found: Found; readonly inPrefix: readonly string[]; readonly present: readonly string[] },
): boolean {
  const at = facts.found.get(`${prefix}/current`);
  if (at === undefined) return true;
  const name = currentRelease(prefix, facts.found);
  if (name === undefined || name.includes("/")) return false;
  return facts.present.includes(name) || !facts.inPrefix.includes(name);
}

/** The release that `current` names, however it is written; undefined when it is no link. */
export function currentRelease(prefix: string, found: Found): string | undefined {
  const at = found.get(`${prefix}/current`);
  if (at?.kind !== "link") return undefined;
  const target = at.target.replace(/\/+$/, "");
  return target.startsWith(`${prefix}/`) ? target.slice(prefix.length + 1) : target;
}

/** With what earlier runs made. */
export function madeBy(
  order: InstallOrder,
  facts: Ownership & Pick<MachineFacts, "user" | "hasGroup">,
): Made {
  const { user, dir, prefix } = order;
  const { record, found, inDir, inPrefix } = facts;
  const before = record?.user === user ? record.made : undefined;
  const media = agentFolders.map((name) => `${dir}/${name}`);
  const programs = inPrefix.length > 0 && inPrefix.every((name) => isProgram(name, facts)) ? [prefix] : [];
  const folders = [
    ...(record?.made?.folders ?? []),
    ...[dir, prefix, installPaths.folder, ...media].filter((path) => !found.has(path)),
    ...(isAppliances(inDir) ? media : []),
    ...programs,
  ];
  return {
    user: facts.user === undefined || before?.user === true,
    group: !facts.hasGroup || before?.group === true,
    folders: [...new Set(folders)].sort(),
  };
}

function isProgram(name: string, { release }: Ownership): boolean {
  return name === "current" || release.present.includes(name);
}

function some(names: readonly string[]): string {
  return `${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""}`;
}
