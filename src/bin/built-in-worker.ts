// The worker that `millrace start` brings: a child of it that lives while something is queued, at the lowest priority, so that a
// master that is ordered gets encoded where nobody else does it, and neither pages nor appliances feel it.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { encodeSettings } from "#encode/settings.ts";
import { ownerOnly, writeWhole } from "#io/files.ts";
import type { Plane } from "./plane.ts";
import { inWords } from "./program.ts";
import type { River } from "./river.ts";

const program = fileURLToPath(new URL("./millrace.ts", import.meta.url));
const lookMs = 2000;
const stopMs = 5000;
const shortLifeMs = 5000;
const pauseMs = 60_000;
const name = "built-in";
/** The lowest. Source: nice(1). */
const nice = "19";

/** Makes its token anew, so that an old one opens nothing, and looks for work until everything ends. */
export async function helpOut(river: River, plane: Plane): Promise<void> {
  const { home, signal, terminal, ending } = river;
  const { tokens } = plane.stores;
  const token = randomBytes(32).toString("base64url");
  const tokenFile = join(home, "worker-token");
  await writeWhole(tokenFile, token, ownerOnly);
  await tokens.revoke(name);
  const facts = { id: name, kind: "worker", name, createdAtMs: Date.now(), expiresAtMs: undefined } as const;
  await tokens.add(facts, createHash("sha256").update(token).digest("hex"));
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  let child: ChildProcess | undefined;
  const look = async (): Promise<void> => {
    while (!both.aborted) {
      await rest(lookMs, undefined, { signal: both }).catch(() => undefined);
      if (both.aborted) return;
      const queued = await plane.stores.jobs.list({ state: "queued", limit: 1 });
      const [next] = queued;
      if (next === undefined || (child !== undefined && child.exitCode === null)) continue;
      terminal.say(`          a worker of this machine encodes "${next.name}": worker.log`);
      const begun = performance.now();
      child = begin(home, plane.control.url, tokenFile);
      await once(child, "exit", { signal: both }).catch(() => undefined);
      // What is queued was not for it, or it cannot work here: it is not asked again and again.
      const isShort = performance.now() - begun < shortLifeMs;
      if (isShort) await rest(pauseMs, undefined, { signal: both }).catch(() => undefined);
    }
  };
  const looking = look().catch((error: unknown) => terminal.warn(`the built-in worker: ${inWords(error)}`));
  ending.add("built-in worker", async () => {
    over.abort();
    await looking;
    if (child !== undefined) await stopped(child);
  });
}

function begin(home: string, controlUrl: string, tokenFile: string): ChildProcess {
  const log = openSync(join(home, "worker.log"), "a");
  const at = ["--control", controlUrl, "--token-file", tokenFile, "--name", name, "--jobs", "1"];
  const child = spawn(
    "nice",
    ["-n", nice, process.execPath, program, "worker", ...at, "--once", "--die-with-parent"],
    {
      env: { ...process.env, [encodeSettings.nice.name]: nice },
      stdio: ["pipe", "ignore", log],
    },
  );
  closeSync(log);
  return child;
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await gone;
  clearTimeout(timer);
}
