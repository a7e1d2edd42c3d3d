import { access, readFile } from "node:fs/promises";
import { defineCommand } from "citty";
import { openBlobs } from "#data/io/open-blobs.ts";
import { dataSettings } from "#data/settings.ts";
import { findPackager } from "#io/packager.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { homeFolder, runProgram, settingsOf } from "./program.ts";

interface Finding {
  readonly what: string;
  readonly found: string;
  readonly verdict: "ok" | "degraded" | "missing";
  /** What follows from it, and how to mend it. */
  readonly follows: string;
}

export const doctorCommand = defineCommand({
  meta: { name: "doctor", description: "What this machine has and lacks, and what follows" },
  args: { json: { type: "boolean", default: false, description: "One JSON document on standard output" } },
  run: ({ args }) =>
    runProgram(async (signal) => {
      const tools = await findTools(homeFolder(), settingsOf(programSettings), signal);
      const findings = [
        ...programs(tools),
        await packager(signal),
        await kernelTls(),
        await filmArchive(signal),
      ];
      if (args.json) process.stdout.write(`${JSON.stringify({ findings }, null, 2)}\n`);
      else for (const finding of findings) process.stdout.write(`${inOneLine(finding)}\n`);
      if (findings.some((finding) => finding.verdict === "missing")) process.exitCode = 1;
    }),
});

function programs(tools: Tools): Finding[] {
  const apt = (name: string): string => `apt-get install ${name}`;
  return [
    { what: "node", found: process.versions.node, verdict: "ok", follows: "" },
    needed("ffmpeg", tools.ffmpeg?.version, "nothing can be encoded", apt("ffmpeg")),
    needed("ffprobe", tools.ffprobe?.version, "no film can be looked at", apt("ffmpeg")),
    needed("nginx", tools.nginx?.version, "no appliance can serve", apt("nginx")),
    helpful(
      "libvmaf",
      tools.ffmpegVmaf?.version,
      "quality is measured as SSIM, and called so",
      "npm start fetches it, or set MILLRACE_FFMPEG_VMAF",
    ),
    helpful(
      "nginx set-misc",
      tools.nginxSetMisc,
      "signed paths use the weaker MD5 envelope",
      apt("libnginx-mod-http-set-misc"),
    ),
    helpful("bubblewrap", tools.bwrap?.version, "films from strangers are refused", apt("bubblewrap")),
    helpful("chromium", tools.chromium?.version, "--once and the browser tests cannot run", apt("chromium")),
    helpful(
      "postgresql",
      tools.postgres,
      "PGlite in a folder is used; its last commits can be lost in a power cut",
      apt("postgresql"),
    ),
  ];
}

function needed(what: string, found: string | undefined, lost: string, mend: string): Finding {
  if (found !== undefined) return { what, found, verdict: "ok", follows: "" };
  return { what, found: "–", verdict: "missing", follows: `${lost}. Mend: ${mend}` };
}

function helpful(what: string, found: string | undefined, lost: string, mend: string): Finding {
  if (found !== undefined) return { what, found, verdict: "ok", follows: "" };
  return { what, found: "–", verdict: "degraded", follows: `${lost}. Mend: ${mend}` };
}

async function packager(signal: AbortSignal): Promise<Finding> {
  const found = await findPackager(settingsOf(programSettings).shakaPackager, signal);
  const version = found.kind === "found" ? found.tool.version : undefined;
  return helpful(
    "shaka-packager",
    version,
    "packages cannot be encrypted",
    "npm ci, or set MILLRACE_SHAKA_PACKAGER",
  );
}

/** What MILLRACE_BLOBS_URL leads to, asked for a name that is not there. */
async function filmArchive(signal: AbortSignal): Promise<Finding> {
  const what = "film archive";
  const settings = settingsOf(dataSettings);
  try {
    const blobs = await openBlobs(settings.blobsUrl, settings);
    if (blobs === undefined) return { what, found: "none: MILLRACE_HOME alone", verdict: "ok", follows: "" };
    await blobs.store.head("masters/asked-by-doctor", signal);
    return { what, found: blobs.shown, verdict: "ok", follows: "" };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const follows = `films are neither accepted nor published. ${error.message}`;
    return { what, found: "–", verdict: "degraded", follows };
  }
}

/** Kernel TLS is there when the kernel lists the upper-layer protocol `tls`, or its module can be loaded. */
async function kernelTls(): Promise<Finding> {
  const listed = await readFile("/proc/sys/net/ipv4/tcp_available_ulp", "utf8").catch(() => "");
  const loaded = listed.split(/\s+/).includes("tls");
  const module = await access("/sys/module/tls").then(
    () => true,
    () => false,
  );
  if (loaded || module) return { what: "kernel TLS", found: "yes", verdict: "ok", follows: "" };
  const follows =
    "TLS would be done in user space (about eight times the CPU per byte of plain sendfile). Mend: modprobe tls";
  return { what: "kernel TLS", found: "–", verdict: "degraded", follows };
}

function inOneLine(finding: Finding): string {
  const mark = { ok: "✓", degraded: "~", missing: "✗" }[finding.verdict];
  return `${mark} ${finding.what.padEnd(15)} ${finding.found.padEnd(28)} ${finding.follows}`.trimEnd();
}
