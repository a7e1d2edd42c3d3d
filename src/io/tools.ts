// Which programs this machine has. Asked once at start-up and passed down; `millrace doctor` prints it.
import { createHash } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import { milliseconds } from "#units/quantity.ts";
import { buildParts } from "./build-id.ts";
import { run } from "./process.ts";
import type { programSettings } from "./settings.ts";

export interface Tool {
  readonly path: string;
  readonly version: string;
  /** Tells builds of one version apart: a hash of all that the program says of itself, and for ffmpeg of its libraries' ids. */
  readonly build: string;
}

export interface Tools {
  readonly ffmpeg: Tool | undefined;
  readonly ffprobe: Tool | undefined;
  /** An ffmpeg whose libvmaf was tried out; undefined means that quality is measured as SSIM, and called so. */
  readonly ffmpegVmaf: Tool | undefined;
  readonly nginx: Tool | undefined;
  /** Folder of nginx's dynamic modules that hold set_misc, or undefined: then paths are signed with the MD5 envelope. */
  readonly nginxSetMisc: string | undefined;
  readonly bwrap: Tool | undefined;
  readonly chromium: Tool | undefined;
  /** Folder of PostgreSQL's server programs. */
  readonly postgres: string | undefined;
}

const modulesFolder = "/usr/lib/nginx/modules";

/** Looks for every outside program. `home` is MILLRACE_HOME; `settings` may name other places. */
export async function findTools(
  home: string,
  settings: Values<typeof programSettings>,
  signal: AbortSignal,
): Promise<Tools> {
  const vmafPath = settings.ffmpegVmaf || join(home, "tools/ffmpeg-vmaf");
  const [ffmpeg, ffprobe, ffmpegVmaf, nginx, bwrap, chromium, setMisc, postgres] = await Promise.all([
    encoder(settings.ffmpeg, signal),
    tool(settings.ffprobe, ["-version"], signal),
    vmafTool(vmafPath, signal),
    tool(settings.nginx, ["-v"], signal),
    tool("bwrap", ["--version"], signal),
    tool(settings.chromium, ["--version"], signal),
    there(join(modulesFolder, "ngx_http_set_misc_module.so")),
    postgresFolder(),
  ]);
  return {
    ffmpeg,
    ffprobe,
    ffmpegVmaf,
    nginx,
    nginxSetMisc: setMisc ? modulesFolder : undefined,
    bwrap,
    chromium,
    postgres,
  };
}

/** Only what an appliance needs: quicker than asking for everything. */
export async function findNginx(
  settings: Values<typeof programSettings>,
  signal: AbortSignal,
): Promise<Pick<Tools, "nginx" | "nginxSetMisc">> {
  const [nginx, setMisc] = await Promise.all([
    tool(settings.nginx, ["-v"], signal),
    there(join(modulesFolder, "ngx_http_set_misc_module.so")),
  ]);
  return { nginx, nginxSetMisc: setMisc ? modulesFolder : undefined };
}

async function tool(path: string, args: readonly string[], signal: AbortSignal): Promise<Tool | undefined> {
  try {
    const done = await run({ argv: [path, ...args], signal, deadline: milliseconds(15_000) });
    const text = `${done.stdout}\n${done.stderr}`;
    const version = /\d+(\.\d+)+/.exec(text)?.[0] ?? "unknown";
    return { path, version, build: hashOf(text) };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function encoder(path: string, signal: AbortSignal): Promise<Tool | undefined> {
  const found = await tool(path, ["-version"], signal);
  return found && { ...found, build: hashOf([found.build, ...(await buildParts(path, signal))].join("\n")) };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Having the filter is not enough (a build may lack its model), so two grey frames are scored. */
async function vmafTool(path: string, signal: AbortSignal): Promise<Tool | undefined> {
  const found = await encoder(path, signal);
  if (found === undefined) return undefined;
  const grey = "color=gray:size=192x108:rate=2:duration=1";
  const trial = [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    grey,
    "-f",
    "lavfi",
    "-i",
    grey,
    "-lavfi",
    "libvmaf",
    "-f",
    "null",
    "-",
  ];
  try {
    await run({ argv: [path, ...trial], signal, deadline: milliseconds(20_000) });
    return found;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

async function there(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function postgresFolder(): Promise<string | undefined> {
  for (let version = 18; version >= 13; version--) {
    const folder = `/usr/lib/postgresql/${version}/bin`;
    if (await there(join(folder, "initdb"))) return folder;
  }
  return undefined;
}
