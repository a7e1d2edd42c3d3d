// An nginx with TLS that viewers can also reach by HTTP/3: its own, or a front's. The front is extra: with it dead, missing or
// wrong, everything else is served as before, and the report says why.
import { X509Certificate } from "node:crypto";
import { access, constants, mkdir, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { edgeFaults } from "#edge/faults.ts";
import { frontConfig } from "#edge/front-config.ts";
import { judgeHttp3 } from "#edge/http3.ts";
import type { Http3State } from "#edge/nginx-state.ts";
import { isQuotable } from "#edge/nginx-text.ts";
import { parseListen } from "#io/port-holder.ts";
import { run } from "#io/process.ts";
import { Fault } from "#units/fault.ts";
import { milliseconds } from "#units/quantity.ts";
import type { Pem } from "./certificate.ts";
import { endFronts, Front, type FrontEvent, makeFrontFolder, workFolder } from "./front.ts";
import type { NginxOrder, ServeState, Stub } from "./nginx.ts";
import { frontSocket, longestSocketPath } from "./nginx-files.ts";
import { isSlow } from "./nginx-reload.ts";
import {
  superviseWithTls,
  type TlsEvent,
  type TlsNginxHandle,
  type TlsOrder,
  type TlsReport,
} from "./nginx-tls.ts";
import { workerUser } from "./worker-user.ts";

export interface Http3Order {
  /** "192.0.2.7:8444", UDP. */
  readonly listen: string;
  /** Where caddy would be. */
  readonly caddy: string;
  readonly onEvent: (event: FrontEvent) => void;
}

export interface Http3Report {
  readonly by: "nginx" | "caddy" | "nobody";
  /** Viewers are sent there. */
  readonly up: boolean;
  /** Why not; empty when they are. */
  readonly because: string;
}

export interface Http3NginxHandle extends TlsNginxHandle {
  http3(): Http3Report;
}

interface TlsParts {
  readonly order: TlsOrder;
  readonly clock: Parameters<typeof superviseWithTls>[1]["clock"];
  readonly onEvent: (event: TlsEvent) => void;
}

/**
 * As superviseWithTls, and HTTP/3 where this machine has what it takes.
 *
 * @throws Fault listen-unusable, and those of superviseWithTls
 */
export async function superviseWithHttp3(
  order: NginxOrder,
  tls: TlsParts,
  http3: Http3Order,
): Promise<Http3NginxHandle> {
  const at = parseListen(http3.listen);
  if (at === undefined) throw new Fault(edgeFaults.listenUnusable, { listen: http3.listen });
  if (order.nginx === undefined) throw new Fault(edgeFaults.nginxMissing);
  const ways = [order.state.listen, tls.order.listen].map((listen) => parseListen(listen)?.port ?? 0);
  const facts = { isCaddyThere: await isProgram(http3.caddy), port: at.port, tcpPorts: ways };
  const way = judgeHttp3({ build: await buildOf(order.nginx, order.signal), ...facts });
  if (way.kind === "caddy") return withFront(order, tls, http3, at.port);
  if (way.kind === "nobody") {
    const report: Http3Report = { by: "nobody", up: false, because: way.because };
    return told(await superviseWithTls(order, tls), report);
  }
  const own: Http3State = { kind: "nginx", port: at.port, listen: http3.listen, isUp: true };
  const base = await superviseWithTls({ ...order, state: { ...order.state, http3: own } }, tls);
  return told(base, { by: "nginx", up: true, because: "" }, own);
}

/** Where there is to be no front (any more), one that an agent before left ends. */
export async function dismissFront(prefixDir: string): Promise<void> {
  await endFronts(dirname(frontSocket(await realpath(prefixDir))));
}

async function buildOf(nginx: string, signal: AbortSignal): Promise<string> {
  const { stdout, stderr } = await run({ argv: [nginx, "-V"], signal, deadline: milliseconds(10_000) });
  return stdout + stderr;
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A handle whose HTTP/3 does not change while it lives. */
function told(base: TlsNginxHandle, report: Http3Report, http3?: Http3State): Http3NginxHandle {
  return {
    accessLog: base.accessLog,
    errorLog: base.errorLog,
    status: () => base.status(),
    trouble: () => base.trouble() || report.because,
    apply: (state) => base.apply({ ...state, http3 }),
    refresh: () => base.refresh(),
    stub: () => base.stub(),
    rotateLog: (log) => base.rotateLog(log),
    leave: () => base.leave(),
    stop: () => base.stop(),
    tls: () => base.tls(),
    certificate: () => base.certificate(),
    http3: () => report,
  };
}

async function withFront(
  order: NginxOrder,
  tls: TlsParts,
  http3: Http3Order,
  port: number,
): Promise<Http3NginxHandle> {
  await mkdir(order.prefixDir, { recursive: true });
  const socket = frontSocket(await realpath(order.prefixDir));
  if (Buffer.byteLength(socket) > longestSocketPath || !isQuotable(socket) || socket.includes("{")) {
    const because = `HTTP/3 wanted, but a socket cannot be called ${socket}: choose another --dir`;
    return told(await superviseWithTls(order, tls), { by: "nobody", up: false, because });
  }
  const folder = dirname(socket);
  const { folder: served, user: wish } = order.state;
  const user = await workerUser({ wish, folder: served, signal: order.signal });
  await makeFrontFolder(folder, user, order.signal);
  const down: Http3State = { kind: "front", port, socket, isUp: false };
  const renewal: { heard: () => void } = { heard: () => undefined };
  const base = await superviseWithTls(
    { ...order, state: { ...order.state, http3: down } },
    {
      ...tls,
      onEvent: (event) => {
        tls.onEvent(event);
        if (event.kind === "certificate-renewed") renewal.heard();
      },
    },
  );
  const handle = new FrontedNginx(base, order.state, down, (tell) => {
    const config = (): string => {
      const pair = base.certificate();
      return frontConfig({
        ...{ listen: http3.listen, socket, folder: workFolder(folder) },
        ...{ name: nameOf(pair), ...pair },
      });
    };
    return new Front({ ...http3, folder, user, config, tell });
  });
  renewal.heard = () => handle.renewed();
  order.signal.addEventListener("abort", () => void handle.stop(), { once: true });
  return handle;
}

/** The first name that a certificate is good for; empty where it has none. */
function nameOf({ certificate }: Pem): string {
  const names = new X509Certificate(certificate).subjectAltName ?? "";
  return /^(?:DNS|IP Address):([^,]+)/.exec(names)?.[1] ?? "";
}

class FrontedNginx implements Http3NginxHandle {
  readonly accessLog: string;
  readonly errorLog: string;
  readonly #base: TlsNginxHandle;
  readonly #front: Front;
  #state: ServeState;
  #http3: Http3State;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    base: TlsNginxHandle,
    state: ServeState,
    http3: Http3State,
    open: (tell: (isUp: boolean) => Promise<void>) => Front,
  ) {
    this.#base = base;
    this.#state = state;
    this.#http3 = http3;
    this.accessLog = base.accessLog;
    this.errorLog = base.errorLog;
    this.#front = open((isUp) => this.#inTurn(() => this.#change(this.#state, { ...this.#http3, isUp })));
  }

  status(): "up" | "starting" | "down" {
    return this.#base.status();
  }

  trouble(): string {
    return this.#base.trouble() || this.#front.because();
  }

  tls(): TlsReport {
    return this.#base.tls();
  }

  certificate(): Pem {
    return this.#base.certificate();
  }

  http3(): Http3Report {
    return { by: "caddy", up: this.#front.isUp(), because: this.#front.because() };
  }

  renewed(): void {
    this.#front.renew();
  }

  apply(state: ServeState): Promise<void> {
    return this.#inTurn(() => this.#change(state, this.#http3));
  }

  refresh(): Promise<void> {
    return this.#base.refresh();
  }

  stub(): Promise<Stub> {
    return this.#base.stub();
  }

  rotateLog(log: "access" | "error"): Promise<void> {
    return this.#base.rotateLog(log);
  }

  async stop(): Promise<void> {
    await this.#front.stop();
    await this.#base.stop();
  }

  async leave(): Promise<void> {
    await this.#front.leave();
    await this.#base.leave();
  }

  /** What nginx takes over slowly it has: see reload-slow. */
  async #change(state: ServeState, http3: Http3State): Promise<void> {
    const before = [this.#state, this.#http3] as const;
    [this.#state, this.#http3] = [state, http3];
    try {
      await this.#base.apply({ ...state, http3 });
    } catch (error) {
      if (!isSlow(error)) [this.#state, this.#http3] = before;
      throw error;
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    return mine;
  }
}
