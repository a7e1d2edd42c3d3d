// Uploads under way in this tab. They go on while the operator looks at other pages, wait out a control plane that is away, and are
// taken up again by the file after a reload.
import { useSyncExternalStore } from "react";
import { ApiError } from "#web/api.ts";
import { asApiError } from "#web/use-resource.ts";
import { fingerprint, forget, remember, rememberedPath } from "./remembered.ts";
import { begin, firstPiece, giveUp, nextPiece, offsetAt, passes, pauseMs, send } from "./tus.ts";

export interface Sending {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly sentBytes: number;
  /** "waiting": the control plane is away, and it is asked again by itself. */
  readonly state: "sending" | "waiting" | "paused" | "sent" | "failed";
  /** Found on the server with so much of it there already. */
  readonly resumedAt: number;
  readonly error: Pick<ApiError, "code" | "message"> | undefined;
  readonly path: string | undefined;
}

interface Kept {
  readonly source: File;
  readonly titleName: string;
  stop: AbortController;
}

const kept = new Map<string, Kept>();
let shown: readonly Sending[] = [];
const changes = new EventTarget();

export function useUploads(): readonly Sending[] {
  return useSyncExternalStore(
    (changed) => {
      changes.addEventListener("change", changed);
      return () => changes.removeEventListener("change", changed);
    },
    () => shown,
  );
}

/** Chosen again, a file goes on. */
export function upload(source: File, titleName = ""): void {
  const file = fingerprint(source);
  const before = shown.find((one) => one.file === file);
  if (before?.state === "sending" || before?.state === "waiting") return;
  kept.set(file, { source, titleName, stop: new AbortController() });
  const { name, size } = source;
  const path = rememberedPath(file);
  put({ file, name, bytes: size, sentBytes: 0, resumedAt: 0, state: "sending", error: undefined, path });
  void run(file);
}

export function pause(file: string): void {
  kept.get(file)?.stop.abort();
  change(file, { state: "paused" });
}

export function goOn(file: string): void {
  const one = kept.get(file);
  if (one === undefined) return;
  one.stop = new AbortController();
  change(file, { state: "sending", error: undefined });
  void run(file);
}

/** What was sent is deleted there too. @throws ApiError */
export async function cancel(file: string): Promise<void> {
  kept.get(file)?.stop.abort();
  const path = shown.find((one) => one.file === file)?.path;
  if (path !== undefined) {
    forget(path);
    await giveUp(path).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    });
  }
  leave(file);
}

/** Off the list; what was sent stays. */
export function leave(file: string): void {
  kept.delete(file);
  shown = shown.filter((one) => one.file !== file);
  changes.dispatchEvent(new Event("change"));
}

function put(sending: Sending): void {
  shown = [sending, ...shown.filter(({ file }) => file !== sending.file)];
  changes.dispatchEvent(new Event("change"));
}

function change(file: string, to: Partial<Sending>): void {
  shown = shown.map((one) => (one.file === file ? { ...one, ...to } : one));
  changes.dispatchEvent(new Event("change"));
}

async function run(file: string): Promise<void> {
  const one = kept.get(file);
  if (one === undefined) return;
  const { signal } = one.stop;
  for (let failures = 0; ; ) {
    try {
      await sendWhole(file, one, signal, () => {
        failures = 0;
      });
      return;
    } catch (error) {
      if (signal.aborted) return;
      const refused = asApiError(error);
      if (!passes(refused)) {
        change(file, { state: "failed", error: refused });
        return;
      }
      failures += 1;
      change(file, { state: "waiting", error: refused });
      await rest(pauseMs(failures), signal);
      if (signal.aborted) return;
    }
  }
}

async function sendWhole(file: string, one: Kept, signal: AbortSignal, onSent: () => void): Promise<void> {
  const { source } = one;
  const { path, offset } = await placeOf(file, one, signal);
  change(file, { state: "sending", error: undefined, path, sentBytes: offset, resumedAt: offset });
  let [at, pieceBytes] = [offset, firstPiece];
  while (at < source.size) {
    const beganMs = performance.now();
    at = await send(path, source.slice(at, at + pieceBytes), at, signal);
    pieceBytes = nextPiece(pieceBytes, performance.now() - beganMs);
    change(file, { state: "sending", error: undefined, sentBytes: at });
    onSent();
  }
  forget(path);
  change(file, { state: "sent", sentBytes: source.size });
}

/** Where this file goes on: at what is remembered of it, while the server still has that, else at the beginning. */
async function placeOf(
  file: string,
  { source, titleName }: Kept,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly offset: number }> {
  const known = rememberedPath(file);
  if (known !== undefined) {
    try {
      return { path: known, offset: await offsetAt(known, signal) };
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 410)) throw error;
      forget(known);
    }
  }
  const path = await begin(source, titleName, signal);
  remember(file, path);
  return { path, offset: 0 };
}

function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
