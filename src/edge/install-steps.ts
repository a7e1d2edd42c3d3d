// The steps of an installation as data. `io/` carries them out; `--dry-run` prints them instead.
import type { Found, Thing } from "./install-machine.ts";

export type Owner = "root" | "appliance";

/** What carrying a step out means. Paths are inside the root. */
export type Action =
  | { readonly kind: "run"; readonly argv: readonly [program: string, ...args: string[]] }
  | { readonly kind: "folder"; readonly path: string; readonly mode: number; readonly owner: Owner }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly owner: Owner;
      readonly text: string;
      /** The file that is there is moved aside first. */
      readonly keepsOld: boolean;
    }
  /** Like a file, but its text is never shown, recorded or kept. */
  | { readonly kind: "secret"; readonly path: string; readonly mode: number; readonly owner: Owner }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  /** Copies this Millrace below the prefix: whole or not at all. */
  | { readonly kind: "release"; readonly path: string; readonly files: number; readonly bytes: number }
  /** Removes a file, a link or a release with all that is in it. */
  | { readonly kind: "remove"; readonly path: string }
  /** Removes a folder if nothing is in it. */
  | { readonly kind: "remove-if-empty"; readonly path: string }
  /** Puts a new agent in the place of the one that this service runs. */
  | { readonly kind: "hand-over"; readonly service: string }
  /** Ends every nginx of this prefix folder. */
  | { readonly kind: "end-nginx"; readonly path: string };

export interface Step {
  /** "create", "change" and "run" do something; "nothing" and "keep" do not; a "conflict" would, with --force. */
  readonly does: "create" | "change" | "run" | "remove" | "nothing" | "keep" | "conflict";
  /** "user millrace", "/etc/…". */
  readonly what: string;
  /** Why, or why not; empty when it goes without saying. */
  readonly because: string;
  readonly action: Action;
}

export function isDone(step: Step): boolean {
  return step.does === "nothing" || step.does === "keep" || step.does === "conflict";
}

type FileAction = Extract<Action, { kind: "file" }>;

/**
 * Whether a file is written. `before` is the text that was written last; what differs from it was edited by hand.
 *
 * As dpkg does with its conffiles: an edit is kept, and it is a conflict only when there is something new to write too.
 */
export function fileStep(
  wanted: Omit<FileAction, "kind" | "keepsOld">,
  state: {
    readonly found: Thing | undefined;
    readonly before: string | undefined;
    readonly edited: "keep" | "replace";
    /** Uid that the owner has; undefined before the user is there. */
    readonly uid: number | undefined;
  },
): Step {
  const { found, before, edited, uid } = state;
  const { path: what, text, mode } = wanted;
  const step = (does: Step["does"], because: string, keepsOld = false): Step => ({
    does,
    what,
    because,
    action: { kind: "file", ...wanted, keepsOld },
  });
  if (found === undefined) return step("create", "");
  if (found.kind !== "file") return step("conflict", "something that is no file is in its place");
  if (found.text === text) {
    return found.mode === mode && found.uid === uid ? step("nothing", "") : step("change", "mode or owner");
  }
  if (found.text === before) return step("change", "options or release changed");
  if (edited === "replace") return step("change", "edited by hand; the old one is kept beside it", true);
  if (before === text) return step("keep", "edited by hand");
  const whose =
    before === undefined ? "not written by Millrace" : "edited by hand, and Millrace's text changed";
  return step("conflict", `${whose}: kept; --force replaces it and keeps the old one beside it`);
}

export function folderStep(
  wanted: { readonly path: string; readonly mode: number; readonly owner: Owner },
  found: Found,
  uid: number | undefined,
): Step {
  const at = found.get(wanted.path);
  const fits = at?.kind === "folder" && at.mode === wanted.mode && at.uid === uid;
  const does = at === undefined ? "create" : fits ? "nothing" : "change";
  return {
    does,
    what: `${wanted.path}/`,
    because: does === "change" ? "mode or owner" : "",
    action: { kind: "folder", ...wanted },
  };
}

export function linkStep(path: string, target: string, found: Found): Step {
  const at = found.get(path);
  const action: Action = { kind: "link", path, target };
  const what = `${path} → ${target}`;
  if (at === undefined) return { does: "create", what, because: "", action };
  if (at.kind !== "link") {
    return { does: "conflict", what, because: "something that is no link is in its place", action };
  }
  return { does: at.target === target ? "nothing" : "change", what, because: "", action };
}

export function runStep(
  argv: readonly [program: string, ...args: string[]],
  order: { readonly isDue: boolean; readonly because: string },
): Step {
  const { isDue, because } = order;
  return {
    does: isDue ? "run" : "nothing",
    what: argv.join(" "),
    because,
    action: { kind: "run", argv },
  };
}
