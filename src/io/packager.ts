// Where shaka-packager is: the npm package carries one static binary per machine and no install step.
import { fileURLToPath } from "node:url";
import { milliseconds } from "#units/quantity.ts";
import { run } from "./process.ts";
import type { Tool } from "./tools.ts";

export type FoundPackager =
  | { readonly kind: "found"; readonly tool: Tool }
  | { readonly kind: "missing"; readonly path: string; readonly because: string };

const systems: Partial<Record<NodeJS.Platform, string>> = { linux: "linux", darwin: "osx", win32: "win" };

/** Tried out, so that "found" means that it runs here. An empty `path` means the one of the npm package. */
export async function findPackager(path: string, signal: AbortSignal): Promise<FoundPackager> {
  const place = path === "" ? placeInPackage() : { path };
  if (place.path === undefined) return { kind: "missing", path: "shaka-packager", because: place.because };
  try {
    const done = await run({ argv: [place.path, "--version"], signal, deadline: milliseconds(15_000) });
    const version = /\d+(\.\d+)+/.exec(done.stdout + done.stderr)?.[0] ?? "unknown";
    return { kind: "found", tool: { path: place.path, version, build: version } };
  } catch (error) {
    signal.throwIfAborted();
    return {
      kind: "missing",
      path: place.path,
      because: error instanceof Error ? error.message : String(error),
    };
  }
}

type Place = { readonly path: string } | { readonly path: undefined; readonly because: string };

/** As the package's own index.js names it; that one cannot be imported, because it runs the program at once. */
function placeInPackage(): Place {
  const system = systems[process.platform];
  if (system === undefined) return { path: undefined, because: `there is none for ${process.platform}` };
  const name = `packager-${system}-${process.arch}${system === "win" ? ".exe" : ""}`;
  try {
    return { path: fileURLToPath(import.meta.resolve(`shaka-packager/bin/${name}`)) };
  } catch (error) {
    return { path: undefined, because: error instanceof Error ? error.message : String(error) };
  }
}
