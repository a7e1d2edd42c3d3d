// An nginx as the settings want it: plain, with TLS, with HTTP/3; and what there is to say of it in log and report.
import type { Values } from "#config/setting.ts";
import { edgeFaults } from "#edge/faults.ts";
import { judgeSeen, type SeenTls } from "#edge/kernel-tls.ts";
import type { edgeSettings } from "#edge/settings.ts";
import type { Log } from "#io/log.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { ApplianceReport } from "#wire/appliance.ts";
import type { FrontEvent } from "./front.ts";
import { type NginxHandle, type NginxOrder, superviseNginx } from "./nginx.ts";
import { dismissFront, type Http3Report, superviseWithHttp3 } from "./nginx-http3.ts";
import { superviseWithTls, type TlsEvent, type TlsReport, tlsOrder } from "./nginx-tls.ts";

/** An nginx with or without TLS and HTTP/3. */
export interface ServingHandle extends NginxHandle {
  /** Undefined, as for `http3`: without it, or nothing is known of it yet. */
  tls?(): TlsReport | undefined;
  http3?(): Http3Report | undefined;
}

/** For the log. */
const words = {
  kernel: "TLS is encrypted by the kernel",
  "user-space": "user-space TLS: nginx encrypts, at several times the cost per byte",
  "certificate-renewed": "the certificate was renewed",
  "certificate-refused": "something is wrong with the certificate",
  "front-started": "the front for HTTP/3 was started",
  "front-ended": "no HTTP/3 for now",
  "front-untold": "nginx was not told about HTTP/3",
  "front-announced": "viewers are sent to HTTP/3",
  "front-withdrawn": "viewers are no longer sent to HTTP/3",
} as const;
const bad: readonly string[] = ["certificate-refused", "front-ended", "front-untold"];

export type ServingOrder = NginxOrder & {
  readonly settings: Values<typeof edgeSettings>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onTls: () => void;
};

/**
 * As superviseNginx, with TLS and HTTP/3 where the settings say so.
 *
 * @throws Fault http3-needs-tls, and those of what it supervises
 */
export async function superviseServing(order: ServingOrder): Promise<ServingHandle> {
  const handle = await open(order);
  if (handle.http3?.()?.by !== "caddy") await dismissFront(order.prefixDir);
  return handle;
}

async function open(order: ServingOrder): Promise<ServingHandle> {
  const { settings, clock, log, onTls } = order;
  const { http3Listen: listen, caddy } = settings;
  const tls = tlsOrder(settings);
  if (tls === undefined && listen !== "") throw new Fault(edgeFaults.http3NeedsTls, { listen });
  if (tls === undefined) return superviseNginx(order);
  const onEvent = (event: TlsEvent | FrontEvent): void => {
    log[bad.includes(event.kind) ? "error" : "info"](event, words[event.kind]);
    onTls();
  };
  const parts = { order: tls, clock, onEvent };
  if (listen === "") return superviseWithTls(order, parts);
  const handle = await superviseWithHttp3(order, parts, { listen, caddy, onEvent });
  const { by, because } = handle.http3();
  if (by === "nobody") log.error({ because }, "HTTP/3 is wanted, and not served");
  return handle;
}

/** Its part of the agent's report; what the kernel was seen to encrypt may put its verdict right. */
export function toldOfServing(
  nginx: Pick<ServingHandle, "tls" | "http3">,
  seen: SeenTls | undefined,
): Pick<ApplianceReport, "tls" | "http3"> {
  const http3 = nginx.http3?.();
  return {
    ...toldOfTls(nginx.tls?.(), seen),
    ...(http3 === undefined ? {} : { http3: { ...http3, because: http3.because.slice(0, 200) } }),
  };
}

function toldOfTls(tls: TlsReport | undefined, seen: SeenTls | undefined): Pick<ApplianceReport, "tls"> {
  if (tls === undefined) return {};
  const { by, because, certificateEndsAtMs } = tls;
  const judged = judgeSeen(by === "kernel" ? { kind: by } : { kind: by, because }, seen);
  const why = judged.kind === "kernel" ? "" : judged.because.slice(0, 200);
  const told = { by: judged.kind, because: why, certificateEndsAtMs };
  return { tls: seen === undefined ? told : { ...told, seen } };
}
