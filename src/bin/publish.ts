// Sends a film to a running control plane and orders a title to be made of it.
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { defineCommand } from "citty";
import { isLoopback } from "#account/federation.ts";
import { sha256Of } from "#io/files.ts";
import { askJson, type ControlCaller, signInTo, signOutOf } from "#publish/io/control-caller.ts";
import { keptPlace } from "#publish/io/kept-place.ts";
import { sendFilm } from "#publish/io/send-film.ts";
import { senderFaults } from "#publish/sender-faults.ts";
import { readServer } from "#publish/server-address.ts";
import { Fault } from "#units/fault.ts";
import { type ArrivalBody, arrivalBody, type PublishAnswer, publishAnswer } from "#wire/upload.ts";
import { homeFolder, runProgram } from "./program.ts";
import { bar, countdown, megabytes, openTerminal, type Terminal } from "./terminal.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";
import { whoSignsIn } from "./who-signs-in.ts";

interface Wanted {
  readonly film: string;
  readonly server: string;
  readonly name: string | undefined;
  readonly encrypt: boolean;
  readonly json: boolean;
}

export const publishCommand = defineCommand({
  meta: { name: "publish", description: "Send a film to a running control plane and have it published" },
  args: {
    film: { type: "positional", required: false, description: "The film" },
    to: { type: "string", description: "The control plane, https://HOST" },
    name: { type: "string", description: "Of the title; the file's name unless given" },
    encrypt: {
      type: "boolean",
      default: false,
      description: "Encrypt the title (CENC cbcs), with keys that the control plane makes and keeps",
    },
    json: { type: "boolean", default: false, description: "Print what became of it on standard output" },
  },
  async run({ args }) {
    const film = args.film ?? "";
    const server = readServer(args.to ?? "");
    const asked = usageComplaints(args, {
      options: ["film", "name", "encrypt", "json"],
      needed: ["to"],
      words: 1,
    });
    const isNamed = args.to !== undefined && args.to !== "";
    const wrong = [
      ...asked,
      ...(film === "" ? ["FILE is missing"] : []),
      ...(server.kind === "refused" && isNamed ? [serverComplaint(server.because, args.to)] : []),
    ];
    const example = "millrace publish FILE --to https://HOST [--name NAME] [--encrypt] [--json]";
    if (refusedUsage(wrong, example) || server.kind === "refused") return;
    const { origin } = server;
    const { name, encrypt, json } = args;
    await runProgram((signal) => publish({ film, server: origin, name, encrypt, json }, signal));
  },
});

function serverComplaint(because: "no-address" | "unsafe", found: string | undefined): string {
  const what = because === "unsafe" ? "would get the password in the clear" : "is no such address";
  return `--to: wanted https://HOST, or http on this machine; "${found}" ${what}`;
}

async function publish(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const { server } = wanted;
  const path = resolve(wanted.film);
  const fileName = basename(path);
  const bytes = await sizeOfFilm(path, fileName);
  const who = await whoSends(server);
  const terminal = openTerminal({ plain: wanted.json, stages: 4 });
  const sha256 = await hashed(path, bytes, terminal, signal);
  const caller = await signInTo(server, who, signal).catch(unreachable(server));
  try {
    const place = keptPlace(homeFolder(), { server, who: who.email, sha256 });
    const at = await send({ ...wanted, path, fileName, bytes, sha256, place }, caller, terminal, signal);
    const verdict = await judged(caller, at, terminal, signal);
    // Told now, or sent already: either way the next call begins anew.
    await place.forget();
    if (verdict.kind === "refused") throw new Fault(senderFaults.refused, { sentence: verdict.sentence });
    const { masterId } = verdict;
    const answer = await order(caller, { masterId, ...wanted }, terminal, signal);
    if (wanted.json) process.stdout.write(`${JSON.stringify({ ...answer, sha256, bytes })}\n`);
  } finally {
    // Signed out also when it was stopped; that it fails changes nothing of what is told.
    await signOutOf(caller, AbortSignal.timeout(5000)).catch(() => undefined);
  }
}

async function sizeOfFilm(path: string, file: string): Promise<number> {
  const found = await stat(path).catch((cause: Error) => {
    throw new Fault(senderFaults.fileUnfit, { file, because: cause.message }, cause);
  });
  if (!found.isFile()) throw new Fault(senderFaults.fileUnfit, { file, because: "it is no file" });
  if (found.size === 0) throw new Fault(senderFaults.fileUnfit, { file, because: "it is empty" });
  return found.size;
}

async function whoSends(server: string): Promise<{ readonly email: string; readonly password: string }> {
  const { email, password } = (await whoSignsIn(undefined, { ours: isLoopback(new URL(server)) })) ?? {};
  if (email !== undefined && password !== undefined) return { email, password };
  if (process.stdin.isTTY !== true) throw new Fault(senderFaults.noAccount);
  return {
    email: email ?? (await asked("Email: ", "shown")),
    password: password ?? (await asked("Password: ", "hidden")),
  };
}

async function asked(question: string, how: "shown" | "hidden"): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _coding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: how === "shown" ? process.stderr : nowhere,
    terminal: true,
  });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    if (how === "hidden") process.stderr.write("\n");
  }
}

async function hashed(path: string, bytes: number, terminal: Terminal, signal: AbortSignal): Promise<string> {
  const line = terminal.stage("hash");
  const sha256 = await sha256Of(path, signal, (read) => line.progress(bar(read / bytes)));
  line.done(`${megabytes(bytes)} · sha256 ${sha256.slice(0, 16)}…`);
  return sha256;
}

interface Sending extends Wanted {
  readonly path: string;
  readonly fileName: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly place: ReturnType<typeof keptPlace>;
}

async function send(
  { place, bytes, name, ...film }: Sending,
  caller: ControlCaller,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const line = terminal.stage("upload");
  const begun = performance.now();
  let first: number | undefined;
  const onSent = (sent: number): void => {
    first ??= sent;
    const perMs = (sent - first) / (performance.now() - begun);
    const eta = perMs > 0 ? (bytes - sent) / perMs / 1000 : undefined;
    line.progress(`${bar(sent / bytes)} ${megabytes(sent)} of ${megabytes(bytes)} ${countdown(eta)}`);
  };
  const at = await sendFilm({
    ...film,
    ...caller,
    ...{ bytes, titleName: name, onSent, signal },
    before: await place.read(),
    onPlace: place.keep,
    rest: (ms) => wait(ms, undefined, { signal }),
  }).catch((error: unknown) => {
    line.failed("not finished");
    throw error;
  });
  line.done(
    (first ?? 0) > 0 ? `${megabytes(bytes)}, of which ${megabytes(first ?? 0)} were there` : megabytes(bytes),
  );
  return at;
}

const askEveryMs = 500;

type Judged =
  | { readonly kind: "accepted"; readonly masterId: string }
  | { readonly kind: "refused"; readonly sentence: string };

async function judged(
  caller: ControlCaller,
  at: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Judged> {
  const line = terminal.stage("check");
  for (;;) {
    const { state, refusal, masterId, fileName } = await arrivalAt(caller, at, signal);
    if (state === "accepted" && masterId !== undefined) {
      line.done(`${fileName} is master ${masterId}`);
      return { kind: "accepted", masterId };
    }
    if (state === "refused") {
      line.failed("refused");
      return { kind: "refused", sentence: refusal?.sentence ?? "It was refused." };
    }
    line.progress("the server looks at the whole film");
    await wait(askEveryMs, undefined, { signal });
  }
}

async function arrivalAt(caller: ControlCaller, at: string, signal: AbortSignal): Promise<ArrivalBody> {
  for (let failures = 0; ; failures++) {
    try {
      return arrivalBody.parse(await askJson(caller, "GET", at, signal));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Fault && error.status < 500) throw error;
      if (failures >= 8) return unreachable(caller.server)(error);
      await wait(Math.min(30_000, 500 * 2 ** failures), undefined, { signal });
    }
  }
}

async function order(
  caller: ControlCaller,
  { masterId, name, encrypt }: Pick<Wanted, "name" | "encrypt"> & { readonly masterId: string },
  terminal: Terminal,
  signal: AbortSignal,
): Promise<PublishAnswer> {
  const line = terminal.stage("publish");
  const path = `/v1/masters/${masterId}/publish`;
  const wish = { ...(name !== undefined && { name }), ...(encrypt && { encrypt }) };
  const said = await askJson(caller, "POST", path, signal, wish).catch(unreachable(caller.server));
  const answer = publishAnswer.parse(said);
  if (encrypt && !answer.encrypt) throw new Fault(senderFaults.notEncrypted, { server: caller.server });
  line.done(`"${answer.titleName}" is ${answer.state}${answer.encrypt ? ", to be encrypted" : ""}`);
  return answer;
}

function unreachable(server: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof Fault || !(error instanceof TypeError)) throw error;
    const because = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Fault(senderFaults.unreachable, { server, tries: 1, because }, error);
  };
}
