// Viewers who go on asking while the configuration is reloaded and keys change. Each answer is compared with the file.
import { readFile } from "node:fs/promises";
import { Agent, get as getPlain } from "node:http";
import { get as getSealed, Agent as SealedAgent } from "node:https";
import { join } from "node:path";
import type { SigningKey } from "#io/signed-path.ts";
import { type Place, title } from "./edge-place.ts";
import { key as firstKey, type NginxTools, type OurServer, signedPath } from "./edge-servers.ts";

export interface Reloaded {
  readonly reloads: number;
  readonly rotations: number;
  readonly requests: number;
  /** A kept-alive connection was closed before a byte of the answer came, and the request was sent again on another. */
  readonly sentAgain: number;
  readonly failures: readonly string[];
}

type Asked =
  | { readonly kind: "answered"; readonly status: number; readonly body: Buffer }
  /** The server had closed the kept-alive connection: RFC 9112 §9.3.1 has the client send the request again. */
  | { readonly kind: "closed-before" }
  | { readonly kind: "failed"; readonly because: string };

interface Viewer {
  readonly port: number;
  readonly tls: boolean;
  readonly agent: Agent | SealedAgent | false;
}

interface Crowd {
  key: SigningKey;
  isOver: boolean;
  requests: number;
  sentAgain: number;
  readonly failures: string[];
  /** Requests that each viewer has begun. */
  readonly begun: number[];
}

/** Reloads so many times, changes the key so many times, and says what the viewers saw. */
export async function reloadUnderLoad(
  place: Place,
  tools: NginxTools,
  server: OurServer,
  times: { readonly reloads: number; readonly rotations: number },
): Promise<Reloaded> {
  const content = await readFile(join(place.store, "v", title, "0.m4s"));
  const viewers = viewersOf(server);
  const crowd: Crowd = {
    ...{ key: firstKey, isOver: false, requests: 0, sentAgain: 0, failures: [] },
    begun: viewers.map(() => 0),
  };
  const path = (): string => signedPath(crowd.key, tools, "0.m4s");
  const watching = viewers.map((viewer, i) => watch({ viewer, i, crowd, path, content }));
  try {
    await nextOfAll(crowd);
    for (let i = 0; i < times.reloads; i++) {
      await server.handle.refresh();
      await nextOfAll(crowd);
    }
    for (let i = 0; i < times.rotations; i++) await rotate(server, tools, crowd, i);
  } finally {
    crowd.isOver = true;
    await Promise.all(watching);
    for (const { agent } of viewers) if (agent !== false) agent.destroy();
  }
  const { requests, sentAgain, failures } = crowd;
  // A rotation is two reloads: one that adds a key, one that takes the old one away.
  return {
    reloads: times.reloads + 2 * times.rotations,
    rotations: times.rotations,
    requests,
    sentAgain,
    failures,
  };
}

/** Kept alive and not, plain and over TLS. */
function viewersOf({ port, tlsPort }: OurServer): readonly Viewer[] {
  const kept = (): Viewer => ({ port, tls: false, agent: new Agent({ keepAlive: true }) });
  const sealed = (): Viewer => ({
    ...{ port: tlsPort, tls: true },
    agent: new SealedAgent({ keepAlive: true, rejectUnauthorized: false }),
  });
  const fresh: Viewer = { port, tls: false, agent: false };
  return [kept(), kept(), kept(), sealed(), sealed(), fresh, fresh];
}

/** Adds a key, signs with it, and takes the old one away once nobody is served by it any more: then it must open nothing. */
async function rotate(server: OurServer, tools: NginxTools, crowd: Crowd, turn: number): Promise<void> {
  const before = crowd.key;
  const next: SigningKey = {
    kid: `r${turn}`,
    secret: `key ${turn} of the benchmark's rotations, of some length`,
  };
  await server.handle.apply({ ...server.state, keys: [before, next] });
  crowd.key = next;
  await nextOfAll(crowd);
  await server.handle.apply({ ...server.state, keys: [next] });
  const old = await ask({ port: server.port, tls: false, agent: false }, signedPath(before, tools, "0.m4s"));
  if (old.kind !== "answered" || old.status !== 403) throw new Error("a key that was taken away still opens");
  await nextOfAll(crowd);
}

/** Until every viewer has begun two more requests: the one before the last is over, and its signature too. */
async function nextOfAll(crowd: Crowd): Promise<void> {
  const wanted = crowd.begun.map((count) => count + 2);
  const end = performance.now() + 60_000;
  while (crowd.begun.some((count, i) => count < (wanted[i] ?? 0))) {
    if (performance.now() > end) throw new Error("a viewer got nothing for 60 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function watch(order: {
  readonly viewer: Viewer;
  readonly i: number;
  readonly crowd: Crowd;
  readonly path: () => string;
  readonly content: Buffer;
}): Promise<void> {
  const { viewer, i, crowd, path, content } = order;
  while (!crowd.isOver) {
    crowd.begun[i] = (crowd.begun[i] ?? 0) + 1;
    crowd.requests += 1;
    const asked = path();
    let got = await ask(viewer, asked);
    if (got.kind === "closed-before") {
      crowd.sentAgain += 1;
      got = await ask({ ...viewer, agent: false }, asked);
    }
    const trouble = troubleOf(got, content);
    if (trouble !== "") crowd.failures.push(`${viewer.tls ? "TLS" : "plain"}: ${trouble}`);
  }
}

function troubleOf(got: Asked, content: Buffer): string {
  if (got.kind === "closed-before") return "closed before an answer, on a connection of its own";
  if (got.kind === "failed") return got.because;
  if (got.status !== 200) return `status ${got.status}`;
  return got.body.equals(content) ? "" : `${got.body.length} other bytes`;
}

function ask({ port, tls, agent }: Viewer, path: string): Promise<Asked> {
  const order = { host: "127.0.0.1", port, path, agent, timeout: 30_000, rejectUnauthorized: false };
  return new Promise((resolve) => {
    let hasBegun = false;
    const fail = (error: Error): void => {
      const isReset = "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (asked.reusedSocket && isReset && !hasBegun) resolve({ kind: "closed-before" });
      else resolve({ kind: "failed", because: error.message });
    };
    const asked = (tls ? getSealed : getPlain)(order, (answer) => {
      hasBegun = true;
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).once("error", fail);
      answer.once("end", () =>
        resolve({ kind: "answered", status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }),
      );
    });
    asked.once("error", fail).once("timeout", () => asked.destroy(new Error("no answer for 30 s")));
  });
}
