// Carries the steps of an installation out, one after the other, in one root.
import { chmod, chown, lstat, mkdir, rename, rmdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import { installPaths } from "#edge/install-paths.ts";
import type { InstallRecord } from "#edge/install-record.ts";
import { type Action, isDone, type Owner, type Step } from "#edge/install-steps.ts";
import { removeTree, writeWhole } from "#io/files.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import { linkOnWay, userIn } from "./install-found.ts";
import { handOver, systemdManager } from "./install-hand-over.ts";
import { endAll } from "./nginx-process.ts";
import { copyRelease } from "./release.ts";

export interface Site {
  readonly root: string;
  readonly user: string;
  /** What a release is copied from, and which of its files. */
  readonly release: { readonly folder: string; readonly paths: readonly string[] };
  /** Undefined when none was handed over. */
  readonly token: string | undefined;
  readonly stopGraceMs: number;
  readonly signal: AbortSignal;
  /** Hears of each step before it is done. */
  readonly onStep: (step: Step) => void;
}

/** systemd waits for what it starts and stops. */
const commandMs = 900_000;

/**
 * @throws Fault install-step with the step and what became of it; steps before it stay done
 */
export async function carryOut(steps: readonly Step[], site: Site): Promise<void> {
  for (const step of steps) {
    site.signal.throwIfAborted();
    site.onStep(step);
    if (isDone(step)) continue;
    try {
      await refuseLinks(step.action, site.root);
      await act(step.action, site);
    } catch (error) {
      if (!(error instanceof Error) || site.signal.aborted) throw error;
      throw new Fault(edgeFaults.installStep, { step: step.what, because: error.message }, error);
    }
  }
}

export async function remember(root: string, record: InstallRecord): Promise<void> {
  const path = join(root, installPaths.record);
  await writeWhole(path, `${JSON.stringify(record, null, 2)}\n`, 0o644);
}

/** Looked at once more where it counts: a link may have come since the plan was made. */
async function refuseLinks(action: Action, root: string): Promise<void> {
  if (!("path" in action)) return;
  const link = await linkOnWay(root, action.path, action.kind === "folder" ? "folder" : "entry");
  if (link !== undefined) throw new Error(`${link} is a symbolic link, which may lead out of ${root}`);
}

/** The environment with root's folders of programs: who became root by `su` may lack them. */
function ofRoot(): Readonly<Record<string, string>> {
  const words = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const { PATH = "/usr/bin:/bin", ...rest } = Object.fromEntries(words);
  return { ...rest, PATH: `${PATH}:/usr/local/sbin:/usr/sbin:/sbin` };
}

async function act(action: Action, site: Site): Promise<void> {
  const { root, release } = site;
  switch (action.kind) {
    case "run":
      await run({ argv: action.argv, env: ofRoot(), signal: site.signal, deadline: milliseconds(commandMs) });
      return;
    case "folder":
      await mkdir(join(root, action.path), { recursive: true });
      return own(action, site);
    case "file":
      await mkdir(dirname(join(root, action.path)), { recursive: true });
      if (action.keepsOld) await setAside(join(root, action.path));
      await writeWhole(join(root, action.path), action.text, action.mode);
      return own(action, site);
    case "secret":
      await writeWhole(join(root, action.path), `${site.token ?? ""}\n`, action.mode);
      return own(action, site);
    case "link":
      return link(join(root, action.path), action.target);
    case "release":
      return copyRelease(release.folder, join(root, action.path), release.paths);
    case "remove":
      return removeTree(join(root, action.path));
    case "remove-if-empty":
      return removeIfEmpty(join(root, action.path));
    case "hand-over":
      await handOver(systemdManager(action.service, site.signal));
      return;
    case "end-nginx":
      return endAll(join(root, action.path), site.stopGraceMs);
  }
}

async function own(
  order: { readonly path: string; readonly mode: number; readonly owner: Owner },
  { root, user }: Site,
): Promise<void> {
  const at = join(root, order.path);
  const root0 = { uid: 0, gid: 0 };
  const owner = order.owner === "root" ? root0 : await userIn(root, user);
  if (owner === undefined) throw new Error(`there is no user ${user} although it was just made`);
  await chown(at, owner.uid, owner.gid);
  await chmod(at, order.mode);
}

/** Beside it as NAME.old, or NAME.old-2 and so on: an older copy is not lost either. */
async function setAside(path: string): Promise<void> {
  for (let n = 1; ; n++) {
    const aside = `${path}.old${n === 1 ? "" : `-${n}`}`;
    if ((await lstat(aside).catch(() => undefined)) === undefined) return rename(path, aside);
  }
}

/** One link takes the other's place: there is no moment without. */
async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await removeTree(`${path}.new`);
  await symlink(target, `${path}.new`);
  await rename(`${path}.new`, path);
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EBUSY") throw error;
  }
}
