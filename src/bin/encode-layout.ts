// What of an encode's output is for the world, and what is not.
import { keyFileBeside } from "./protect.ts";

export interface Layout {
  /** Reference, trials, pieces, sound: all of it in the clear. */
  readonly workDir: string;
  /** The last words of a run. */
  readonly words: string;
}

/** What is published must not hold the film in the clear beside the encrypted one: then the work lies beside the folder. */
export function layoutOf(out: string, film: "clear" | "encrypted"): Layout {
  const publish = `publish      ${out}/hls, ${out}/dash and ${out}/package together: the manifests point into the package`;
  if (film === "clear") {
    const workDir = `${out}/work`;
    return {
      workDir,
      words: `${publish}\nyours        ${workDir}: it may be deleted, and saves the next run work`,
    };
  }
  const workDir = `${out}.work`;
  const clear = `${workDir} is the film in the clear (it may be deleted, and saves the next run work)`;
  return { workDir, words: `${publish}\nyours        ${clear}; ${keyFileBeside(out)} if keys were made` };
}
