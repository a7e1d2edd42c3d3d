// A control plane that gives out encode jobs, a master, and workers as processes, for the journeys of encode jobs.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tokenText } from "#account/api-token.ts";
import { orderedSettings } from "#bin/encode-wish.ts";
import { defaultsOf } from "#config/setting.ts";
import type { ControlHandle } from "#control/io/server.ts";
import { encodeSettings } from "#encode/settings.ts";
import { jobSettings } from "#publish/job-settings.ts";
import { keepMaster } from "#test/fixtures/kept-master.ts";
import { openPlane, operator, type Plane, startSmall } from "./control-plane.ts";
import { ffmpeg } from "./encode-films.ts";

const leaseSeconds = 2;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const workerToken = tokenText("worker", sha256("a worker of the journey"), sha256);

export interface JobRig {
  readonly plane: Plane;
  readonly home: string;
  readonly port: number;
  control(): ControlHandle;
  /** Closes the server and starts another over the same stores, on the same port. */
  restart(): Promise<void>;
  worker(name: string, more?: readonly string[]): ChildProcess;
  /** Whether a worker has begun: from then on it hears signals. */
  isUp(child: ChildProcess): boolean;
  close(): Promise<void>;
}

function wishes(home: string) {
  const settings = { ...defaultsOf(jobSettings), leaseSeconds, poison: 1000, attempts: 1000 };
  const jobs = {
    ...{ settings, folder: join(home, "results"), originFolder: join(home, "origin") },
    mastersFolder: join(home, "masters"),
    encodeSettings: orderedSettings(defaultsOf(encodeSettings)),
  };
  return { jobs };
}

export async function openJobs(home: string): Promise<JobRig> {
  const plane = await openPlane(home, wishes(home));
  let control = plane.control;
  const port = Number(new URL(control.url).port);
  const tokenFile = join(home, "worker-token");
  await writeFile(tokenFile, `${workerToken}\n`);
  const token = { id: "t1", kind: "worker", name: "worker", createdAtMs: 0, expiresAtMs: undefined } as const;
  const hash = createHash("sha256").update(workerToken).digest("hex");
  await plane.stores.tokens.add(token, hash);
  const children: ChildProcess[] = [];
  const up = new Set<ChildProcess>();
  return {
    ...{ plane, home, port },
    control: () => control,
    async restart() {
      await control.close();
      const listen = { host: "127.0.0.1", port };
      control = await startSmall({ ...plane, ...wishes(home), listen });
    },
    worker(name, more = []) {
      const at = ["--control", `http://127.0.0.1:${port}`, "--token-file", tokenFile];
      const argv = ["src/bin/millrace.ts", "worker", ...at, "--name", name, "--jobs", "1", ...more];
      const env = { ...process.env, MILLRACE_HOME: join(home, "workers"), ...toolsOf(), ...unused };
      const child = spawn(process.execPath, argv, { env, stdio: ["ignore", "ignore", "pipe"] });
      child.stderr?.once("data", () => up.add(child)).resume();
      children.push(child);
      return child;
    },
    isUp: (child) => up.has(child),
    async close() {
      for (const child of children) child.kill("SIGKILL");
      await control.close();
      await plane.log.close();
      await plane.stores.close();
    },
  };
}

/** Programs that no worker runs: asking them for their version would only take time. */
const unused = { MILLRACE_CHROMIUM: "/bin/true", MILLRACE_NGINX: "/bin/true" };

/** The folder of workers is not the one with the tools. */
function toolsOf(): Readonly<Record<string, string>> {
  const path = join(process.env.MILLRACE_HOME ?? "var", "tools/ffmpeg-vmaf");
  return process.env.MILLRACE_FFMPEG_VMAF === undefined ? { MILLRACE_FFMPEG_VMAF: path } : {};
}

export async function addMaster({ plane, home }: JobRig, id: string, path: string): Promise<string> {
  const account = await plane.stores.accounts.byEmail(operator.email);
  if (account === undefined) throw new Error("there is no operator");
  const film = await readFile(path);
  const sha256 = createHash("sha256").update(film).digest("hex");
  const kept = { id, sha256, accountId: account.id, film };
  await keepMaster(plane.stores.uploads, join(home, "masters"), kept);
  return sha256;
}

/** Two shots that differ, with sound. */
export async function shortFilm(home: string): Promise<string> {
  const shots =
    "-f lavfi -t 1.5 -i testsrc2=s=256x144:r=24 -f lavfi -t 1.5 -i mandelbrot=s=256x144:r=24:maxiter=60";
  const sound = "-f lavfi -t 3 -i sine=f=330";
  const joined = "-filter_complex [0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[a][b]concat=n=2[v]";
  const coding = "-c:v libx264 -preset ultrafast -crf 14 -pix_fmt yuv420p -flags +cgop -g 24 -c:a aac";
  await ffmpeg(home, `${shots} ${sound} ${joined} -map [v] -map 2:a ${coding} film.mp4`);
  return join(home, "film.mp4");
}
