// One file that says which living process has something. A process that dies leaves its claim, and one other takes it over.
//
// A dead claim is never just removed: of two who found it dead, the slower one would remove the claim of the quicker. Its heir is
// whoever first makes the one file that is named after the dead; that file then takes the place of the claim in one step. Who
// made an heir's file too late sees that the claim is no longer the dead one's.
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { linked, readIfThere } from "./files.ts";
import { isNamed, nameOf } from "./living.ts";

/** Undefined: it is this process's now. Otherwise the living one that has it, as `nameOf` names it. */
export async function claimFile(file: string): Promise<string | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}-${randomBytes(4).toString("hex")}.new`;
  await writeFile(fresh, await nameOf(process.pid));
  try {
    for (;;) {
      if (await linked(fresh, file)) return undefined;
      const owner = await readIfThere(file);
      const answer = owner === undefined ? "look again" : await inherit(file, owner, fresh);
      if (answer !== "look again") return answer.owner;
    }
  } finally {
    await rm(fresh, { force: true });
  }
}

/** Heirs may have died as well, before they took the place: theirs are followed. */
async function inherit(
  file: string,
  first: string,
  fresh: string,
): Promise<{ readonly owner: string | undefined } | "look again"> {
  const heirs: string[] = [];
  for (let owner: string | undefined = first; owner !== undefined; ) {
    if (await isNamed(owner)) return { owner };
    const heir = `${file}.after-${owner.replaceAll(/\W/g, "-").slice(0, 64)}`;
    if (await linked(fresh, heir)) {
      if ((await readIfThere(file)) !== first) {
        await rm(heir, { force: true });
        return "look again";
      }
      await rename(heir, file);
      for (const dead of heirs) await rm(dead, { force: true });
      return { owner: undefined };
    }
    heirs.push(heir);
    owner = await readIfThere(heir);
  }
  return "look again";
}
