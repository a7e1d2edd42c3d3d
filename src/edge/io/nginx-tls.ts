// An nginx that may speak TLS as well. A renewed certificate is one more change of state: nginx reads it before it counts
// (`nginx -t`), and a reload drops nobody. What is wrong with it is told as a warning, and the one before stays.
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Values } from "#config/setting.ts";
import { edgeFaults } from "#edge/faults.ts";
import type { KernelTls } from "#edge/kernel-tls.ts";
import type { edgeSettings } from "#edge/settings.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import {
  type CertificateFiles,
  forget,
  forgetOld,
  type KeptPair,
  keepPair,
  lastKept,
  type Pem,
  readCertificate,
} from "./certificate.ts";
import { findKernelTls } from "./kernel-tls.ts";
import { type NginxHandle, type NginxOrder, type ServeState, type Stub, superviseNginx } from "./nginx.ts";
import { isSlow } from "./nginx-reload.ts";

export interface TlsOrder {
  /** "192.0.2.7:443". */
  readonly listen: string;
  /** Where the operator puts them. They are copied, never served from. */
  readonly files: CertificateFiles;
  readonly oldest: "1.2" | "1.3";
  readonly pollMs: number;
}

export type TlsEvent =
  | { readonly kind: "kernel" | "user-space"; readonly because: string }
  | { readonly kind: "certificate-renewed"; readonly endsAt: string }
  | { readonly kind: "certificate-refused"; readonly because: string };

/** What is told of TLS. `because` says why the kernel does not encrypt; empty when it does. */
export interface TlsReport {
  readonly by: "kernel" | "user-space";
  readonly because: string;
  readonly certificateEndsAtMs: number;
}

export interface TlsNginxHandle extends NginxHandle {
  tls(): TlsReport;
  /** What is served, as text. */
  certificate(): Pem;
}

/**
 * What the settings say of TLS; undefined when nothing.
 *
 * @throws Fault tls-incomplete when they say a part of it
 */
export function tlsOrder(settings: Values<typeof edgeSettings>): TlsOrder | undefined {
  const { tlsListen, tlsCertificate, tlsKey, tlsOldest, tlsPollMs } = settings;
  const given = [tlsListen, tlsCertificate, tlsKey].filter((text) => text !== "");
  if (given.length === 0) return undefined;
  if (given.length < 3) throw new Fault(edgeFaults.tlsIncomplete, { given: given.join(", ") });
  return {
    listen: tlsListen,
    files: { certificate: tlsCertificate, key: tlsKey },
    oldest: tlsOldest === "1.2" ? "1.2" : "1.3",
    pollMs: tlsPollMs,
  };
}

/**
 * As superviseNginx, with TLS.
 *
 * It begins with the certificate that was served last, if there is one, and takes over the operator's from there: so a
 * broken one keeps neither the appliance from starting nor a running nginx from being adopted.
 *
 * @throws Fault certificate-unusable when there is none that could be served, and those of superviseNginx
 */
export async function superviseWithTls(
  order: NginxOrder,
  tls: { readonly order: TlsOrder; readonly clock: Clock; readonly onEvent: (event: TlsEvent) => void },
): Promise<TlsNginxHandle> {
  if (order.nginx === undefined) throw new Fault(edgeFaults.nginxMissing);
  await mkdir(order.prefixDir, { recursive: true });
  const folder = join(await realpath(order.prefixDir), "conf/tls");
  const kernel = await findKernelTls(order.nginx, order.signal);
  const make = (files: CertificateFiles, state: ServeState): ServeState => ({
    ...state,
    tls: { ...tls.order, ...files, kernel: kernel.kind === "kernel" },
  });
  const begin = async (served: KeptPair): Promise<TlsNginxHandle> => {
    const base = await superviseNginx({ ...order, state: make(served.files, order.state) });
    return new TlsNginx({ ...tls, folder, base, make, kernel, signal: order.signal }, served, order.state);
  };
  const kept = await lastKept(folder);
  try {
    if (kept !== undefined) return await begin(kept);
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  return beginFirst(await firstPair(tls.order, folder), begin);
}

/** With the operator's pair, which is kept only if nginx serves it. */
async function beginFirst(
  pair: KeptPair,
  begin: (served: KeptPair) => Promise<TlsNginxHandle>,
): Promise<TlsNginxHandle> {
  try {
    return await begin(pair);
  } catch (error) {
    await forget(pair.files);
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Fault && error.code === edgeFaults.configRefused.code;
}

async function firstPair(order: TlsOrder, folder: string): Promise<KeptPair> {
  const found = await readCertificate(order.files);
  if (found.kind === "unusable") {
    throw new Fault(edgeFaults.certificateUnusable, { because: found.because });
  }
  return { ...found, files: await keepPair(folder, found.pair) };
}

interface TlsParts {
  readonly order: TlsOrder;
  readonly clock: Clock;
  readonly onEvent: (event: TlsEvent) => void;
  readonly folder: string;
  readonly base: NginxHandle;
  readonly make: (files: CertificateFiles, state: ServeState) => ServeState;
  readonly kernel: KernelTls;
  readonly signal: AbortSignal;
}

/** A pair that nginx refused is tried again after this: the reason may have gone. */
const refusedRestMs = 60_000;

function textOf({ certificate, key }: Pem): string {
  return `${certificate}\0${key}`;
}

class TlsNginx implements TlsNginxHandle {
  readonly accessLog: string;
  readonly errorLog: string;
  readonly #parts: TlsParts;
  readonly #ending = new AbortController();
  readonly #watching: Promise<void>;
  #served: KeptPair;
  #state: ServeState;
  #trouble = "";
  /** The operator's pair that could not be taken over, and when: not tried at every look. */
  #refused = { text: "", atMs: 0 };
  /** Looks and changes of state happen one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(parts: TlsParts, served: KeptPair, state: ServeState) {
    this.#parts = parts;
    this.#served = served;
    this.#state = state;
    this.accessLog = parts.base.accessLog;
    this.errorLog = parts.base.errorLog;
    const { by, because } = this.tls();
    parts.onEvent({ kind: by, because });
    this.#watching = this.#watch();
  }

  status(): "up" | "starting" | "down" {
    return this.#parts.base.status();
  }

  trouble(): string {
    return this.#parts.base.trouble() || this.#trouble;
  }

  tls(): TlsReport {
    const { kernel } = this.#parts;
    const because = kernel.kind === "kernel" ? "" : kernel.because;
    return { by: kernel.kind, because, certificateEndsAtMs: this.#served.endsAtMs };
  }

  certificate(): Pem {
    return this.#served.pair;
  }

  apply(state: ServeState): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#state;
      this.#state = state;
      try {
        await this.#parts.base.apply(this.#parts.make(this.#served.files, state));
      } catch (error) {
        if (!isSlow(error)) this.#state = before;
        throw error;
      }
    });
  }

  refresh(): Promise<void> {
    return this.#parts.base.refresh();
  }

  stub(): Promise<Stub> {
    return this.#parts.base.stub();
  }

  rotateLog(log: "access" | "error"): Promise<void> {
    return this.#parts.base.rotateLog(log);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#parts.base.stop();
    await this.#watching;
  }

  async leave(): Promise<void> {
    await this.#turn.catch(() => undefined);
    this.#ending.abort();
    await this.#parts.base.leave();
    await this.#watching;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine;
    return mine;
  }

  async #watch(): Promise<void> {
    const signal = AbortSignal.any([this.#ending.signal, this.#parts.signal]);
    while (!signal.aborted) {
      await this.#inTurn(() => this.#look());
      await sleep(this.#parts.order.pollMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Once at the operator's files. */
  async #look(): Promise<void> {
    const { order, clock } = this.#parts;
    const found = await readCertificate(order.files);
    if (found.kind === "unusable") return this.#refuse(found.because);
    const { pair, endsAtMs } = found;
    const ended = endsAtMs <= clock.wallMs() ? `it ended on ${new Date(endsAtMs).toISOString()}` : "";
    const isServed = textOf(pair) === textOf(this.#served.pair);
    const { text, atMs } = this.#refused;
    const isRefused = textOf(pair) === text && clock.monoMs() - atMs < refusedRestMs;
    if (isServed) this.#say(ended && `the certificate that is served is of no use: ${ended}`);
    else if (ended !== "") this.#refuse(ended);
    else if (!isRefused) await this.#renew({ pair, endsAtMs });
  }

  /** A full disk is a reason to try again later as well. */
  async #renew(fresh: Pick<KeptPair, "pair" | "endsAtMs">): Promise<void> {
    try {
      await this.#takeOver(fresh);
      this.#say("");
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (this.#ending.signal.aborted) return;
      this.#refused = { text: textOf(fresh.pair), atMs: this.#parts.clock.monoMs() };
      this.#refuse(error.message);
    }
  }

  async #takeOver(fresh: Pick<KeptPair, "pair" | "endsAtMs">): Promise<void> {
    const { base, folder, make, onEvent } = this.#parts;
    const files = await keepPair(folder, fresh.pair);
    try {
      await base.apply(make(files, this.#state));
    } catch (error) {
      if (!isSlow(error)) {
        await forget(files);
        throw error;
      }
    }
    this.#served = { ...fresh, files };
    onEvent({ kind: "certificate-renewed", endsAt: new Date(fresh.endsAtMs).toISOString() });
    await forgetOld(folder, files);
  }

  #refuse(because: string): void {
    this.#say(`the new certificate was not taken over, the one before is served on: ${because}`);
  }

  /** Troubles are told once, when they begin. */
  #say(trouble: string): void {
    if (trouble !== "" && trouble !== this.#trouble) {
      this.#parts.onEvent({ kind: "certificate-refused", because: trouble });
    }
    this.#trouble = trouble;
  }
}
