// Sends a file by tus 1.0.0, in pieces, and goes on where the server says it is after whatever happened.
import { createReadStream } from "node:fs";
import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { firstPiece, nextPiece } from "#publish/pace.ts";
import { senderFaults } from "#publish/sender-faults.ts";
import { Fault } from "#units/fault.ts";
import { type ControlCaller, refusalIn } from "./control-caller.ts";

export interface SendOrder extends ControlCaller {
  readonly path: string;
  readonly fileName: string;
  readonly titleName: string | undefined;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it was sent to before: "/v1/uploads/…". */
  readonly before: string | undefined;
  /** Told before the first byte goes, so that it can be kept. */
  readonly onPlace: (place: string) => Promise<void>;
  readonly onSent: (bytes: number) => void;
  /** Milliseconds before trying again. */
  readonly rest: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const mostFailures = 8;
const answerMs = 60_000;

/** Where it was sent to. @throws Fault publish-answered, publish-unreachable; an error of the disk */
export async function sendFilm(order: SendOrder): Promise<string> {
  let place = order.before;
  let piece = firstPiece;
  let [failures, reached] = [0, 0];
  for (;;) {
    order.signal.throwIfAborted();
    try {
      let offset = place === undefined ? undefined : await offsetAt(order, place);
      if (offset === undefined) {
        place = await create(order);
        await order.onPlace(place);
        offset = 0;
      }
      while (offset < order.bytes) {
        order.onSent(offset);
        const begun = performance.now();
        const end: number = Math.min(order.bytes, offset + piece);
        const arrived = await sendPiece(order, place ?? "", offset, end);
        piece = nextPiece(end - offset, performance.now() - begun);
        offset = arrived;
        [failures, reached] = [0, offset];
      }
      order.onSent(offset);
      return place ?? "";
    } catch (error) {
      order.signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      failures++;
      piece = Math.max(firstPiece / 16, piece / 4);
      if (failures >= mostFailures) {
        const because = error instanceof Error ? error.message : String(error);
        throw new Fault(senderFaults.unreachable, { server: order.server, tries: failures, because }, error);
      }
      order.onSent(reached);
      await order.rest(Math.min(30_000, 500 * 2 ** (failures - 1)));
    }
  }
}

/** The network, a server that restarts, and another request that still holds the upload. Everything else stays as it is. */
function isPassing(error: unknown): boolean {
  if (error instanceof Fault) {
    const isTold = error.code === senderFaults.answered.code;
    return (
      isTold &&
      [409, 423, 429, 500, 502, 503, 504].includes(error.status) &&
      error.facts.code !== "publishing-off"
    );
  }
  return error instanceof Error && "code" in error && !("path" in error);
}

async function create(order: SendOrder): Promise<string> {
  const words = { filename: order.fileName, sha256: order.sha256, name: order.titleName };
  const metadata = Object.entries(words)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${Buffer.from(value ?? "").toString("base64")}`);
  const answer = await call(order, "POST", "/v1/uploads", {
    "upload-length": `${order.bytes}`,
    "upload-metadata": metadata.join(","),
  });
  const { location } = answer.headers;
  const place = typeof location === "string" ? new URL(location, order.server).pathname : "";
  if (answer.status !== 201 || !/^\/v1\/uploads\/[0-9a-f]+$/.test(place)) throw strange(order, answer);
  return place;
}

/** Undefined when the server knows it no more. */
async function offsetAt(order: SendOrder, place: string): Promise<number | undefined> {
  const answer = await call(order, "HEAD", place, {});
  if (answer.status === 404 || answer.status === 410) return undefined;
  const offset = Number(answer.headers["upload-offset"]);
  const length = Number(answer.headers["upload-length"]);
  if (!Number.isSafeInteger(offset) || length !== order.bytes) throw strange(order, answer);
  return offset;
}

async function sendPiece(order: SendOrder, place: string, from: number, to: number): Promise<number> {
  const headers = {
    "content-type": "application/offset+octet-stream",
    "upload-offset": `${from}`,
    "content-length": `${to - from}`,
  };
  const answer = await call(order, "PATCH", place, headers, { from, to });
  const offset = Number(answer.headers["upload-offset"]);
  if (answer.status !== 204 || !(offset > from)) throw strange(order, answer);
  return offset;
}

function strange({ server }: SendOrder, { status }: Answer): Fault {
  return new Fault(senderFaults.strange, { server, what: `it answered with status ${status}` });
}

/** @throws Fault publish-answered for refusals but 404 and 410 */
async function call(
  order: SendOrder,
  method: "POST" | "HEAD" | "PATCH",
  path: string,
  headers: Readonly<Record<string, string>>,
  piece?: { readonly from: number; readonly to: number },
): Promise<Answer> {
  const url = new URL(path, order.server);
  const answer = await new Promise<Answer>((resolve, reject) => {
    const request = (url.protocol === "https:" ? tlsRequest : plainRequest)(url, {
      method,
      agent: false,
      signal: order.signal,
      headers: { ...headers, cookie: order.cookie, "tus-resumable": "1.0.0" },
    });
    const timer = setTimeout(() => request.destroy(lateError()), answerMs);
    request.on("error", reject);
    request.on("close", () => clearTimeout(timer));
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void (chunks.length < 64 && chunks.push(chunk)));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    if (piece === undefined) request.end();
    else {
      const bytes = createReadStream(order.path, { start: piece.from, end: piece.to - 1 });
      bytes.on("data", () => timer.refresh());
      pipeline(bytes, request).catch((error: unknown) => {
        // An answer that came before the whole piece was taken says more than the cut that follows it.
        setImmediate(reject, error);
      });
    }
  });
  const isGone = answer.status === 404 || answer.status === 410;
  if (answer.status >= 400 && !(isGone && method === "HEAD")) {
    throw refusalIn(order.server, answer.status, answer.text);
  }
  return answer;
}

function lateError(): Error {
  return Object.assign(new Error(`no answer within ${answerMs / 1000} s`), { code: "ETIMEDOUT" });
}
