// Servers of HTTP/3 that are measured: our nginx behind its front, and the example server of ngtcp2 as a reference.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultsOf } from "#config/setting.ts";
import { answersQuic, frontsOf } from "#edge/io/front.ts";
import { type Http3NginxHandle, superviseWithHttp3 } from "#edge/io/nginx-http3.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { run } from "#io/process.ts";
import { milliseconds } from "#units/quantity.ts";
import { allowedCpus } from "./edge-figures.ts";
import { freePort, type Place, title, waitFor } from "./edge-place.ts";
import { endOf, key, type NginxTools, pidsOf, pin, type Server, signedPath } from "./edge-servers.ts";

export interface QuicServer extends Server {
  readonly quicPort: number;
}

/** nginx, one worker, and caddy: all of them on the server's CPU, and all counted. */
export async function startFronted(place: Place, tools: NginxTools): Promise<QuicServer> {
  const [port, tlsPort, quicPort] = [await freePort(), await freePort(), await freePort()];
  const prefixDir = join(place.folder, "fronted");
  const settings = { ...defaultsOf(edgeSettings), workers: 1, connections: 8192 };
  const state = serveState(place.store, `127.0.0.1:${port}`, [key], settings);
  const files = { certificate: place.certificate, key: place.key };
  const handle = await pinned(place, () =>
    superviseWithHttp3(
      {
        ...{ nginx: tools.nginx?.path, modulesFolder: tools.nginxSetMisc, prefixDir, state },
        ...{ stopGraceMs: 2000, signal: place.signal, onEvent: () => undefined },
      },
      {
        order: { listen: `127.0.0.1:${tlsPort}`, oldest: "1.3", pollMs: 60_000, files },
        ...{ clock: systemClock, onEvent: () => undefined },
      },
      { listen: `127.0.0.1:${quicPort}`, caddy: settings.caddy, onEvent: () => undefined },
    ),
  );
  const pids: Server["pids"] = async () => [
    ...(await pidsOf(prefixDir)()),
    ...(await frontsOf(join(prefixDir, "front"))),
  ];
  const path = (name: string): string => signedPath(key, tools, name);
  return { port, tlsPort, quicPort, path, pids, stop: () => handle.stop() };
}

/** Starts what runs on the server's CPU from its first moment: Go counts processors once, and spins for those it has not. */
async function pinned(place: Place, start: () => Promise<Http3NginxHandle>): Promise<Http3NginxHandle> {
  const before = allowedCpus(await readFile("/proc/self/status", "utf8"));
  await pin(place, [process.pid]);
  try {
    const handle = await start();
    await waitFor("HTTP/3 of our own", () => Promise.resolve(handle.http3().up));
    return handle;
  } finally {
    const argv = ["taskset", "-apc", before.join(","), `${process.pid}`] as const;
    await run({ argv, signal: place.signal, deadline: milliseconds(10_000) });
  }
}

/** Datagrams that one call to the kernel may hold: 64 with UDP segmentation offload, else 1. */
export async function startExample(place: Place, datagrams: 1 | 64): Promise<QuicServer> {
  const quicPort = await freePort();
  const args = [
    ...["--pdeathsig", "KILL", "gtlsserver", "-q", "-d", place.store, `--max-gso-dgrams=${datagrams}`],
    ...["127.0.0.1", `${quicPort}`, place.key, place.certificate],
  ];
  const child = spawn("setpriv", args, { stdio: "ignore" });
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error("gtlsserver did not start");
  await waitFor("gtlsserver to answer", () => {
    if (ended.is) throw new Error("gtlsserver ended before it answered");
    return answersQuic(`127.0.0.1:${quicPort}`);
  });
  await pin(place, [pid]);
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended.promise;
  };
  const path = (name: string): string => `/v/${title}/${name}`;
  return { port: 0, tlsPort: 0, quicPort, path, pids: () => Promise.resolve([pid]), stop };
}
