// One HTTP transfer, timed by the finest clock there is, and its body held against what the title's index says of it. How long it
// may take is play/retrieval.ts's to say: it cancels.
import type { Verdict } from "#play/retrieval.ts";
import { bodyFault, type Expected, hashFault, lengthFault, longestBody } from "#play/verify.ts";
import type { Pacer } from "./pacer.ts";

export interface TransferOrder {
  readonly url: string;
  /** A cache may hold what was wrong before. */
  readonly anew: boolean;
  readonly expected: Expected;
  readonly signal: AbortSignal;
  readonly pacer: Pacer;
  readonly onHead: (headers: Record<string, string>) => void;
  readonly onBytes: (bytes: number, remaining: number) => void;
}

export interface Body {
  readonly data: ArrayBuffer;
  readonly status: number;
  readonly url: string;
  readonly headers: Record<string, string>;
  /** From request to last byte, and to first. */
  readonly ms: number;
  readonly ttfbMs: number;
}

export type Transfer =
  | { readonly kind: "served"; readonly body: Body }
  | {
      readonly kind: "failed";
      readonly verdict: Verdict;
      readonly because: string;
      /** Undefined: no answer. */
      readonly status?: number;
    };

/** Not Found and Gone: nothing is wrong with the source but that file. */
const missing = new Set([404, 410]);

export async function transfer(order: TransferOrder): Promise<Transfer> {
  const startedMs = performance.now();
  let got = -1;
  try {
    const { signal } = order;
    const response = await fetch(order.url, { signal, cache: order.anew ? "reload" : "default" });
    await order.pacer.head(signal);
    const ttfbMs = performance.now() - startedMs;
    got = 0;
    const headers = Object.fromEntries(response.headers);
    order.onHead(headers);
    const refusal = refusalOf(response, order.expected);
    if (refusal !== undefined) {
      await response.body?.cancel();
      return refusal;
    }
    const data = await bodyOf(response, order, (bytes) => {
      got = bytes;
    });
    const ms = performance.now() - startedMs;
    const fault = await faultOf(data, order.expected);
    const { status, url } = response;
    if (fault !== undefined) return corrupt(fault, status);
    return { kind: "served", body: { data: data.buffer, status, url, headers, ms, ttfbMs } };
  } catch (error) {
    return { kind: "failed", verdict: "unreachable", because: reasonOf(error, got) };
  }
}

function corrupt(because: string, status: number): Transfer {
  return { kind: "failed", verdict: "corrupt", because, status };
}

function refusalOf(response: Response, expected: Expected): Transfer | undefined {
  if (!response.ok) {
    const verdict = missing.has(response.status) ? "lacking" : "refused";
    return { kind: "failed", verdict, because: `answered HTTP ${response.status}`, status: response.status };
  }
  const encoded = response.headers.has("content-encoding");
  const fault = encoded ? undefined : lengthFault(declaredBy(response), expected);
  return fault === undefined ? undefined : corrupt(fault, response.status);
}

function declaredBy(response: Response): number | undefined {
  const text = response.headers.get("content-length");
  return text === null ? undefined : Number(text);
}

async function bodyOf(
  response: Response,
  order: TransferOrder,
  onTotal: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { expected } = order;
  const declared = expected.bytes ?? declaredBy(response) ?? 0;
  const most = expected.bytes ?? longestBody;
  const chunks: Uint8Array[] = [];
  let got = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const piece = await reader.read();
    if (piece.done) break;
    for await (const part of order.pacer.parts(piece.value, order.signal)) {
      chunks.push(part);
      got += part.byteLength;
      onTotal(got);
      order.onBytes(part.byteLength, Math.max(0, declared - got));
    }
    if (got > most) {
      await reader.cancel();
      break;
    }
  }
  const whole = new Uint8Array(got);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

async function faultOf(body: Uint8Array<ArrayBuffer>, expected: Expected): Promise<string | undefined> {
  const fault = bodyFault(body, expected);
  if (fault !== undefined || expected.sha256Prefix === undefined) return fault;
  const hex = await sha256(body);
  return hex === undefined ? undefined : hashFault(hex, expected);
}

/** Undefined on a page without a secure origin, where the browser hides its hashes: length and boxes must do. */
async function sha256(body: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto.subtle;
  if (subtle === undefined) return undefined;
  const digest = new Uint8Array(await subtle.digest("SHA-256", body));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A refused connection, an unknown name, a missing CORS header: to a page all look the same. Only how far it came differs. */
function reasonOf(error: unknown, got: number): string {
  if (!(error instanceof TypeError)) return String(error);
  return got < 0 ? "cannot be reached" : `broke off after ${got} bytes`;
}
