// What the edge journeys stand on: published files, signed paths, a control plane of forty lines, and real processes.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultsOf } from "#config/setting.ts";
import { endAll } from "#edge/io/nginx-process.ts";
import { programSettings } from "#io/settings.ts";
import { type PathStrength, type SigningKey, signedPrefix, strengthOf } from "#io/signed-path.ts";
import { findNginx } from "#io/tools.ts";
import { type ApplianceReport, applianceReport, type DesiredState } from "#wire/appliance.ts";

export const tools = await findNginx(defaultsOf(programSettings), new AbortController().signal);
export const strength: PathStrength = strengthOf(tools.nginxSetMisc);
export const missing = tools.nginx === undefined ? "nginx is not installed" : false;

export type Bundle = DesiredState["files"][number];
export const k1: SigningKey = { kid: "k1", secret: "first secret of the edge journeys, $'\"\\" };
export const k2: SigningKey = { kid: "k2", secret: "second secret of the edge journeys ........" };

/** What ends what was begun in it: a test, or a run of a benchmark. */
export interface Scope {
  after(end: () => unknown): void;
}

const endings = new WeakMap<Scope, (() => unknown)[]>();

/** What has to be ended after a test, last opened first: an agent before the nginx that it would bring back. */
export function atEnd(t: Scope, end: () => unknown): void {
  const known = endings.get(t);
  if (known !== undefined) {
    known.unshift(end);
    return;
  }
  const steps = [end];
  endings.set(t, steps);
  t.after(async () => {
    for (const step of steps) await step();
  });
}

/** A folder whose name holds what often goes wrong; every nginx that still works in it is ended afterwards. */
export function tempFolder(t: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace edge-"));
  atEnd(t, async () => {
    const boxes = readdirSync(folder).map((name) => join(name, "nginx"));
    const found = boxes.filter((prefix) => existsSync(join(folder, prefix)));
    // The first four also when a test has removed their folder.
    for (const prefix of new Set(["nginx", "origin-nginx", "box/nginx", "box2/nginx", ...found]))
      await endAll(join(folder, prefix), 0);
    // A browser that is closed goes on writing into its profile for a moment.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });
  return folder;
}

let addresses = 0;

/**
 * A free port at a loopback address that no other call was given: between here and its use, nobody takes it who asks
 * the system for any port.
 */
export async function freeListen(): Promise<string> {
  addresses += 1;
  const host = `127.0.${20 + Math.floor(addresses / 250)}.${1 + (addresses % 250)}`;
  const probe = createTcpServer();
  await new Promise<void>((resolve) => probe.listen(0, host, resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return `${host}:${address.port}`;
}

/** Writes random files as a published rendition of a title. */
export function publish(
  store: string,
  title: string,
  rendition: string,
  files: number,
  bytes: number,
): Bundle {
  const made = Array.from({ length: files }, (_, i) => {
    const path = `${rendition}/${i}.m4s`;
    const content = randomBytes(bytes);
    mkdirSync(dirname(join(store, "v", title, path)), { recursive: true });
    writeFileSync(join(store, "v", title, path), content);
    return { path, bytes, sha256: createHash("sha256").update(content).digest("hex") };
  });
  return { id: `${title}/${rendition}`, titleId: title, files: made, sources: [] };
}

/** A signed path that is good for ten minutes, or for as long as said. */
export function signed(
  key: SigningKey,
  titleId: string,
  path: string,
  seconds = 600,
  how = strength,
): string {
  const expiresAtSeconds = Date.now() / 1000 + seconds;
  return signedPrefix(key, { titleId, sessionId: "s1", expiresAtSeconds }, how) + path;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the path exactly as written. `hold`: after the first bytes, which are told, it reads on only when let go. */
export function get(
  listen: string,
  path: string,
  more: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    /** The address to ask from. */
    readonly from?: string;
    readonly hold?: { readonly begun: () => void; readonly letGo: Promise<void> };
    readonly signal?: AbortSignal;
  } = {},
): Promise<Got> {
  const [host = "", port = ""] = listen.split(":");
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host,
        port,
        path,
        method: more.method ?? "GET",
        headers: more.headers ?? {},
        localAddress: more.from,
        signal: more.signal,
        agent: false,
        timeout: 60_000,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => {
          if (chunks.length === 0 && more.hold !== undefined) {
            answer.pause();
            more.hold.begun();
            void more.hold.letGo.then(() => answer.resume());
          }
          chunks.push(chunk);
        });
        answer.on("error", reject);
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", reject);
    asked.end();
  });
}

/** A request whose answer has begun, and stands still until it is called to its end. */
export async function begun(listen: string, path: string): Promise<() => Promise<Got>> {
  const [first, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const got = get(listen, path, { hold: { begun: first.resolve, letGo: rest.promise } });
  await Promise.race([first.promise, got]);
  return () => {
    rest.resolve();
    return got;
  };
}

/** For `assert.rejects`: a fault of this code that says this. */
export function codeIs(code: string, words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Error && "code" in error, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  };
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Waits for something to become true; says what, when it does not. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 60_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms for: ${what}`);
    await sleep(20);
  }
}

async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A peer that answers every path with so many wrong bytes. */
export async function liar(t: Scope, bytes: number): Promise<string> {
  const server = createServer((_, answer) => answer.end(Buffer.alloc(bytes, "x")));
  atEnd(t, () => server.close());
  return listenOn(server);
}

/** The control plane as an agent sees it: takes reports, hands out the state that was set. */
export class FakeControl {
  readonly reports: ApplianceReport[] = [];
  desired: DesiredState | undefined;
  /** It accepts, and says nothing. */
  isMute = false;
  url = "";
  readonly #server: Server;

  constructor(t: Scope) {
    this.#server = createServer((asked, answer) => {
      const chunks: Buffer[] = [];
      asked.on("data", (chunk: Buffer) => chunks.push(chunk));
      asked.on("end", () => {
        if (this.isMute) return;
        const known = asked.headers.authorization === "Bearer the token" && asked.url?.endsWith("/report");
        if (!known) return answer.writeHead(401).end();
        const report = applianceReport.parse(JSON.parse(Buffer.concat(chunks).toString()));
        this.reports.push(report);
        const news = this.desired !== undefined && this.desired.epoch !== report.desiredEpoch;
        answer.setHeader("content-type", "application/json");
        answer.end(JSON.stringify({ desired: news ? this.desired : null, reportIntervalMs: 200 }));
      });
    });
    atEnd(t, () => this.close());
  }

  async open(): Promise<this> {
    this.url = await listenOn(this.#server);
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  last(): ApplianceReport | undefined {
    return this.reports.at(-1);
  }

  /** The next report, from now on, that is as wanted. */
  async report(what: string, wanted: (report: ApplianceReport) => boolean): Promise<ApplianceReport> {
    const from = this.reports.length;
    try {
      return await until(what, () => this.reports.slice(from).find(wanted));
    } catch (cause) {
      const seen = `${this.reports.length - from} reports since, the last: ${JSON.stringify(this.last())}`;
      throw new Error(`no report of "${what}"; ${seen}`, { cause });
    }
  }
}

export interface AgentProcess {
  readonly child: ChildProcess;
  stderr(): string;
  ended(): Promise<number | string>;
}

/** A real `millrace appliance`. It is killed at the end of the test, whatever happens. */
export function startAgent(
  t: Scope,
  order: {
    readonly dir: string;
    readonly listen: string;
    readonly control: string;
    readonly budget?: number;
    /** As the control plane knows it; absent: "box". */
    readonly id?: string;
    readonly token?: string;
    /** A program that starts the one behind it. */
    readonly through?: readonly string[];
  },
  environment: Record<string, string> = {},
): AgentProcess {
  const tokenFile = `${order.dir}.token`;
  writeFileSync(tokenFile, `${order.token ?? "the token"}\n`);
  const options = {
    id: order.id ?? "box",
    control: order.control,
    "token-file": tokenFile,
    listen: order.listen,
    dir: order.dir,
  };
  const args = Object.entries({ ...options, budget: `${order.budget ?? 1e9}` }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const env = {
    ...process.env,
    MILLRACE_EDGE_WORKERS: "1",
    MILLRACE_EDGE_RETRY_MIN_MS: "50",
    MILLRACE_EDGE_RETRY_MAX_MS: "500",
    ...environment,
  };
  const [program = "", ...argv] = [
    ...(order.through ?? []),
    process.execPath,
    "src/bin/appliance.ts",
    ...args,
  ];
  const child = spawn(program, argv, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-100_000);
  });
  // "close", not "exit": by then all that it said has been read.
  const ended = new Promise<number | string>((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal ?? "?")),
  );
  atEnd(t, () => child.kill("SIGKILL") && ended);
  return { child, stderr: () => stderr, ended: () => ended };
}
