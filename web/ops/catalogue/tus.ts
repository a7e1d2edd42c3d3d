// The sender's side of an upload by tus 1.0.0: begin, ask where it stands, send the next piece. Source: tus.io/protocols/resumable-upload.
import { ApiError, apiEvents } from "#web/api.ts";
import { postUploadsPath } from "#web/ops/catalogue-client.ts";
import { errorBody } from "#wire/viewer.ts";

const protocol = { "tus-resumable": "1.0.0" } as const;
const mebibyte = 2 ** 20;
const [leastPiece, mostPiece] = [mebibyte / 4, 16 * mebibyte];
export const firstPiece = mebibyte;

/** Where an upload is known from now on. @throws ApiError */
export async function begin(file: File, titleName: string, signal: AbortSignal): Promise<string> {
  const words = { filename: file.name, ...(titleName === "" ? {} : { name: titleName }) };
  const metadata = Object.entries(words).map(([key, text]) => `${key} ${base64(text)}`);
  const headers = { "upload-length": String(file.size), "upload-metadata": metadata.join(",") };
  const answer = await ask(postUploadsPath, { method: "POST", headers, signal });
  const path = new URL(answer.headers.get("location") ?? "", location.origin).pathname;
  if (!path.startsWith(`${postUploadsPath}/`))
    throw new ApiError(answer.status, "upload-nowhere", `An upload at ${path} is not understood.`);
  return path;
}

/** Bytes that are there. Whatever else sends this upload is ended by asking. @throws ApiError */
export async function offsetAt(path: string, signal: AbortSignal): Promise<number> {
  return offsetOf(await ask(path, { method: "HEAD", signal }));
}

/** Sends a piece; answers how many bytes are there then. @throws ApiError */
export async function send(path: string, piece: Blob, offset: number, signal: AbortSignal): Promise<number> {
  const headers = { "upload-offset": String(offset), "content-type": "application/offset+octet-stream" };
  return offsetOf(await ask(path, { method: "PATCH", headers, body: piece, signal }));
}

/** @throws ApiError */
export async function giveUp(path: string): Promise<void> {
  await ask(path, { method: "DELETE" });
}

/** Pieces that take about a second: small enough to be lost, large enough not to be felt. */
export function nextPiece(bytes: number, tookMs: number): number {
  if (tookMs < 700) return Math.min(mostPiece, bytes * 2);
  return tookMs > 2500 ? Math.max(leastPiece, Math.round(bytes / 2)) : bytes;
}

/** Mended by nobody but an operator, though their status says that they pass. */
const lasting: ReadonlySet<string> = new Set(["upload-too-many-open", "publishing-off"]);
const passing: ReadonlySet<number> = new Set([0, 409, 423, 429, 502, 503, 504]);

/** A connection that broke, a server that starts anew, or another request that is at it: to be tried again. */
export function passes({ status, code }: Pick<ApiError, "status" | "code">): boolean {
  return passing.has(status) && !lasting.has(code);
}

/** Doubling from a second to half a minute. */
export function pauseMs(failures: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.max(0, failures - 1));
}

async function ask(path: string, request: RequestInit): Promise<Response> {
  const headers = { ...protocol, ...Object(request.headers) };
  let answer: Response;
  try {
    answer = await fetch(path, { ...request, headers, credentials: "same-origin" });
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    throw new ApiError(0, "unreachable", "The control plane cannot be reached.", error);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) apiEvents.dispatchEvent(new Event("signed-out"));
  throw refusal(path, answer.status, await answer.text().catch(() => ""));
}

function refusal(path: string, status: number, text: string): ApiError {
  const said = errorBody.safeParse(jsonOf(text));
  if (said.success) return new ApiError(status, said.data.error.code, said.data.error.message);
  return new ApiError(status, `http-${status}`, `${path} answered with status ${status}.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function offsetOf(answer: Response): number {
  const offset = Number(answer.headers.get("upload-offset") ?? Number.NaN);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new ApiError(answer.status, "upload-nowhere", "The answer does not say where the upload stands.");
}

/** Of the text's UTF-8, as the metadata of tus wants it. */
export function base64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}
