// One HTTP transfer, timed by the finest clock there is and left quickly when the other side goes quiet.

export interface TransferOrder {
  readonly url: string;
  /** Longest wait for the response's head. */
  readonly connectMs: number;
  /** Longest silence within the body. */
  readonly stallMs: number;
  /** Known size; another one means that the source's copy is broken. */
  readonly expectedBytes: number | undefined;
  readonly signal: AbortSignal;
  readonly onHead: (headers: Record<string, string>) => void;
  readonly onBytes: (bytes: number, remaining: number) => void;
}

export type Transfer =
  | {
      readonly kind: "served";
      readonly data: ArrayBuffer;
      readonly status: number;
      readonly url: string;
      readonly headers: Record<string, string>;
      readonly startedMs: number;
      readonly ms: number;
      readonly ttfbMs: number;
    }
  | { readonly kind: "failed"; readonly because: string; readonly startedMs: number }
  /** It answered that it does not have the file. */
  | { readonly kind: "lacking"; readonly because: string; readonly startedMs: number }
  /** Our own side wants it no longer. */
  | { readonly kind: "stopped" };

/** Not Found and Gone: nothing is wrong with the source but that file. */
const missing = new Set([404, 410]);

export async function transfer(order: TransferOrder): Promise<Transfer> {
  const startedMs = performance.now();
  const deadline = new AbortController();
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  let timer = setTimeout(
    () => deadline.abort(`no answer within ${seconds(order.connectMs)}`),
    order.connectMs,
  );
  const expectMore = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => deadline.abort(`silent for ${seconds(order.stallMs)}`), order.stallMs);
  };
  try {
    const signal = AbortSignal.any([order.signal, deadline.signal]);
    const response = await fetch(order.url, { signal });
    const ttfbMs = performance.now() - startedMs;
    const headers = Object.fromEntries(response.headers);
    order.onHead(headers);
    if (!response.ok) {
      await response.body?.cancel();
      const kind = missing.has(response.status) ? "lacking" : "failed";
      return { kind, because: `answered HTTP ${response.status}`, startedMs };
    }
    const data = await bodyOf(response, order, expectMore);
    const wrong = wrongSize(data.byteLength, order.expectedBytes);
    if (wrong !== undefined) return { kind: "failed", because: wrong, startedMs };
    const { status, url } = response;
    return {
      kind: "served",
      data,
      status,
      url,
      headers,
      startedMs,
      ms: performance.now() - startedMs,
      ttfbMs,
    };
  } catch (error) {
    if (order.signal.aborted) return { kind: "stopped" };
    return { kind: "failed", because: reasonOf(deadline.signal, error), startedMs };
  } finally {
    clearTimeout(timer);
  }
}

async function bodyOf(
  response: Response,
  order: TransferOrder,
  expectMore: () => void,
): Promise<ArrayBuffer> {
  const declared = Number(response.headers.get("content-length") ?? order.expectedBytes ?? 0);
  const chunks: Uint8Array[] = [];
  let got = 0;
  expectMore();
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const piece = await reader.read();
    if (piece.done) break;
    expectMore();
    chunks.push(piece.value);
    got += piece.value.byteLength;
    order.onBytes(piece.value.byteLength, Math.max(0, declared - got));
  }
  const whole = new Uint8Array(got);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole.buffer;
}

function wrongSize(got: number, expected: number | undefined): string | undefined {
  if (expected === undefined || expected === got) return undefined;
  return `sent ${got} bytes where the title's index says ${expected}`;
}

function reasonOf(deadline: AbortSignal, error: unknown): string {
  if (deadline.aborted) return String(deadline.reason);
  // A refused connection, a broken body and a missing CORS header look the same to a page.
  return error instanceof TypeError ? "refused the connection" : String(error);
}
