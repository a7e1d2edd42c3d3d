// A film on its way through kills: of the server in mid-piece, and of the command that sends it.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createWebServer, request } from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as rest } from "node:timers/promises";
import { askJson, type ControlCaller, signInTo } from "#publish/io/control-caller.ts";
import { sendFilm } from "#publish/io/send-film.ts";
import { operatorEmail, patching, tus } from "#test/fixtures/film-rig.ts";
import { seededRandom } from "#units/random.ts";
import { arrivalBody } from "#wire/upload.ts";

const seed = 80_232;
const password = "correct horse battery staple";
const who = { email: operatorEmail, password };
const { signal } = new AbortController();

interface Stage {
  readonly home: string;
  readonly url: string;
  start(): Promise<void>;
  /** kill -9, and gone when it resolves. */
  kill(): Promise<void>;
}

async function onStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "millrace-upload-"));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = server;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await gone;
    server = undefined;
  };
  const start = async (): Promise<void> => {
    const argv = ["test/fixtures/film-server.ts", join(home, "server"), `${port}`, password];
    const started = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
    server = started;
    await new Promise<void>((resolve, reject) => {
      started.stdout.once("data", () => resolve());
      started.once("exit", (status) => reject(new Error(`the server ended with ${status}`)));
    });
  };
  try {
    await work({ home, url: `http://127.0.0.1:${port}`, start, kill });
  } finally {
    await kill();
    await rm(home, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(at !== null && typeof at === "object");
  return at.port;
}

const mebi = 2 ** 20;

function noise(bytes: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint32Array.from({ length: bytes / 4 }, () => random.next() * 2 ** 32).buffer);
}

const sizeAt = async (path: string): Promise<number> => (await stat(path).catch(() => ({ size: 0 }))).size;

/** Sends a piece that never ends, and kills the server when so many bytes of it lie on the disk. */
async function killedInMidPiece(
  stage: Stage,
  caller: ControlCaller,
  order: {
    readonly place: string;
    readonly file: string;
    readonly film: Buffer;
    readonly from: number;
    readonly to: number;
  },
): Promise<void> {
  const { place, file, film, from, to } = order;
  const headers = { ...patching(from), cookie: caller.cookie, "content-length": `${film.length - from}` };
  const sent = request(`${stage.url}${place}`, { method: "PATCH", headers, agent: false });
  const cut = new Promise<void>((resolve) => sent.on("error", () => resolve()).on("close", () => resolve()));
  sent.write(film.subarray(from, to));
  while ((await sizeAt(file)) <= from) await rest(1);
  await stage.kill();
  await cut;
}

async function judged(caller: ControlCaller, place: string): Promise<ReturnType<typeof arrivalBody.parse>> {
  for (;;) {
    const seen = arrivalBody.parse(await askJson(caller, "GET", place, signal));
    if (seen.state === "accepted" || seen.state === "refused") return seen;
    await rest(10);
  }
}

test("[PB13] a server killed in mid-piece goes on where the disk is, and ends with what was sent", () =>
  onStage(async (stage) => {
    const film = noise(6 * mebi);
    const sha256 = createHash("sha256").update(film).digest("hex");
    const path = join(stage.home, "film.mov");
    await writeFile(path, film);
    await stage.start();
    let caller = await signInTo(stage.url, who, signal);
    const metadata = { "upload-length": `${film.length}`, "upload-metadata": `sha256 ${btoa(sha256)}` };
    const made = await fetch(`${stage.url}/v1/uploads`, {
      method: "POST",
      headers: { ...tus, ...metadata, cookie: caller.cookie },
    });
    const place = made.headers.get("location") ?? "";
    const file = join(stage.home, "server", place.replace("/v1/", ""));
    const random = seededRandom(seed);
    for (let kills = 0; kills < 2; kills++) {
      const from = await sizeAt(file);
      const to = Math.min(film.length - 1, from + 1 + Math.floor(random.next() * 2 * mebi));
      await killedInMidPiece(stage, caller, { place, file, film, from, to });
      const left = await sizeAt(file);
      assert.ok(left > from && left <= to, `${from} < ${left} <= ${to}`);
      assert.deepEqual((await readFile(file)).compare(film.subarray(0, left)), 0);
      await stage.start();
      caller = await signInTo(stage.url, who, signal);
      const head = await fetch(`${stage.url}${place}`, {
        method: "HEAD",
        headers: { ...tus, cookie: caller.cookie },
      });
      assert.equal(head.headers.get("upload-offset"), `${left}`);
    }
    const begun: number[] = [];
    const at = await sendFilm({
      ...{ ...caller, path, fileName: "film.mov", titleName: undefined, bytes: film.length, sha256, signal },
      before: place,
      onPlace: async () => assert.fail("it began anew"),
      onSent: (bytes) => void begun.push(bytes),
      rest: async () => undefined,
    });
    assert.equal(at, place);
    assert.ok((begun[0] ?? 0) > 0, "it went on");
    const seen = await judged(caller, place);
    assert.equal(seen.state, "accepted", JSON.stringify(seen));
    const kept = await readFile(join(stage.home, "server/masters", sha256));
    assert.equal(createHash("sha256").update(kept).digest("hex"), sha256);
  }));

function command(stage: Stage, words: readonly string[]): ChildProcess {
  const env = {
    ...{ PATH: process.env.PATH, MILLRACE_HOME: join(stage.home, "sender") },
    ...{ MILLRACE_EMAIL: who.email, MILLRACE_PASSWORD: who.password },
  };
  const argv = ["src/bin/millrace.ts", "publish", ...words];
  return spawn(process.execPath, argv, { env, stdio: ["ignore", "pipe", "pipe"] });
}

async function ended(
  child: ChildProcess,
): Promise<{ readonly status: number | null; readonly out: string; readonly err: string }> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, out, err };
}

/** Passes on so many bytes to the server, and then holds everything back until it is opened. */
async function openRelay(to: string, most: number) {
  let [room, isOpen] = [most, false];
  const server = createServer((socket) => {
    const further = connect({ host: "127.0.0.1", port: Number(new URL(to).port) });
    further.pipe(socket);
    socket.on("data", (chunk) => {
      room -= chunk.length;
      further.write(chunk);
      if (!isOpen && room <= 0) socket.pause();
    });
    for (const [one, other] of [
      [socket, further],
      [further, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  return {
    url: `http://127.0.0.1:${at.port}`,
    open: () => {
      isOpen = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test("[PB17] the command goes on where one before it was killed, and ends with the order or the reason", () =>
  onStage(async (stage) => {
    const film = noise(6 * mebi);
    const path = join(stage.home, "Film.mov");
    await writeFile(path, film);
    await stage.start();
    const relay = await openRelay(stage.url, 3 * mebi);
    const first = command(stage, [path, "--to", relay.url]);
    const dead = ended(first);
    const caller = await signInTo(stage.url, who, signal);
    const uploads = async (): Promise<readonly { readonly id: string; readonly receivedBytes: number }[]> => {
      const said: unknown = await askJson(caller, "GET", "/v1/uploads", signal);
      return Object(said).arrivals;
    };
    while (((await uploads())[0]?.receivedBytes ?? 0) < mebi) await rest(2);
    first.kill("SIGKILL");
    await dead;
    relay.open();

    const second = await ended(command(stage, [path, "--to", relay.url, "--name", "The Film", "--json"]));
    assert.equal(second.status, 0, second.err);
    const said = JSON.parse(second.out);
    assert.deepEqual([said.state, said.bytes], ["waiting", film.length]);
    assert.equal(said.sha256, createHash("sha256").update(film).digest("hex"));
    assert.equal((await uploads()).length, 1, "one upload, gone on with");
    assert.doesNotMatch(second.err + second.out, new RegExp(password));

    const bad = join(stage.home, "bad.mov");
    await writeFile(bad, "bad film");
    const refused = await ended(command(stage, [bad, "--to", relay.url]));
    assert.equal(refused.status, 1);
    assert.match(refused.err, /bad\.mov is not a film\. {2}\[publish-refused\]/);
    await relay.close();
  }));

test("[PB23] with --encrypt the title is ordered encrypted, and an answer that does not say so is a fault", () =>
  onStage(async (stage) => {
    const path = join(stage.home, "Film.mov");
    await writeFile(path, noise(mebi));
    await stage.start();
    const sent = await ended(command(stage, [path, "--to", stage.url, "--encrypt", "--json"]));
    assert.equal(sent.status, 0, sent.err);
    const { encrypt, masterId } = JSON.parse(sent.out);
    assert.equal(encrypt, true);
    const caller = await signInTo(stage.url, who, signal);
    const master: unknown = await askJson(caller, "GET", `/v1/masters/${masterId}`, signal);
    assert.equal(Object(master).publication.encrypt, true);
    const older = await openOlder(stage.url);
    const told = await ended(command(stage, [path, "--to", older.url, "--encrypt"]));
    assert.equal(told.status, 1);
    assert.match(told.err, /does not know --encrypt.*\[publish-not-encrypted\]/);
    await older.close();
  }));

/** The control plane behind this address, as it was before titles could be ordered encrypted. */
async function openOlder(
  to: string,
): Promise<{ readonly url: string; readonly close: () => Promise<unknown> }> {
  const server = createWebServer(async (incoming, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const headers = { ...incoming.headers, host: new URL(to).host };
    if (incoming.headers.origin !== undefined) headers.origin = to;
    const ask = request(`${to}${incoming.url}`, { method: incoming.method ?? "GET", headers, agent: false });
    ask.on("response", async (answer) => {
      let text = "";
      for await (const piece of answer.setEncoding("utf8")) text += piece;
      const body = text.replaceAll('"encrypt":true,', "");
      const { "content-length": _length, ...rest } = answer.headers;
      response.writeHead(answer.statusCode ?? 500, rest).end(body);
    });
    ask.end(Buffer.concat(pieces));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  assert.ok(at !== null && typeof at === "object");
  return { url: `http://127.0.0.1:${at.port}`, close: () => new Promise((resolve) => server.close(resolve)) };
}
