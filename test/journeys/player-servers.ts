// Two tiny appliances and a tiny control plane for the player's journey: node:http, in the test's own process.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Beacon } from "#model/beacon.ts";
import { cmcdType } from "#wire/cmcd.ts";
import { type BeatAnswer, type BeatBody, beatBody, type ReleaseBody, releaseBody } from "#wire/screens.ts";
import { type PlayAnswer, type PlayBody, playBody, type SteeringCard, telemetryBody } from "#wire/viewer.ts";
import { type Film, renditionIds } from "./player-film.ts";

export interface Running {
  readonly url: string;
  close(): Promise<void>;
}

/** What an appliance was asked and how it answered; `whole` means that every byte was handed over. */
export interface Asked {
  readonly path: string;
  readonly whole: boolean;
}

/** A request as it came in. */
export interface Heard {
  readonly path: string;
  readonly query: string;
  readonly atMs: number;
}

export interface TestAppliance extends Running {
  readonly asked: Asked[];
  readonly heard: Heard[];
  /** From now on as if the power was cut. */
  kill(): void;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".mpd": "application/dash+xml",
  ".json": "application/json",
};

export interface ApplianceOrder {
  readonly film: Film;
  /** Pace of each answer, looked at for each piece of it. */
  readonly bytesPerSecond: number | (() => number);
  /** Called before each answer; may kill the appliance. */
  readonly before?: ((path: string, appliance: { kill(): void }) => void) | undefined;
  /** Path of a file that is one byte too long here. */
  readonly spoilt?: string | undefined;
  /** How it takes a request: serves it, refuses it with a status, or hears it and says nothing. */
  readonly mood?: ((url: string) => Mood) | undefined;
  /** Put on every answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export type Mood = "serves" | "silent" | number | Fault;

/** How an answer can be wrong. */
export type Fault =
  /** The connection ends before any answer. */
  | "gone"
  /** One bit of the file is another. */
  | "bit-flip"
  /** The file on disk is cut: the length announced is that of what is left. */
  | "cut-file"
  /** The right length announced, and the connection ends half-way. */
  | "breaks-off"
  /** Half of it, and then nothing, with the connection open. */
  | "falls-silent"
  /** A well-made segment of the right length that shows something else. */
  | "wrong-content"
  /** A page in the place of the file, with status 200. */
  | "error-page"
  /** Announces more than it sends. */
  | "lying-length"
  /** 10 kbit/s. */
  | "crawls";

const pieceMs = 50;

/** Serves the film's folder under /secret/ and /fresh/. */
export async function startAppliance(order: ApplianceOrder): Promise<TestAppliance> {
  const { film, bytesPerSecond, before, spoilt, mood, headers = {} } = order;
  const asked: Asked[] = [];
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const [address = "", query = ""] = (request.url ?? "").split("?");
    const path = address.replace(/^\/(secret|fresh)\//, "");
    heard.push({ path, query, atMs: performance.now() });
    before?.(path, { kill });
    const how = mood?.(address) ?? "serves";
    if (how === "serves") void serve(path, response);
    else if (how === "gone") request.socket.destroy();
    else if (typeof how === "number") response.writeHead(how).end();
    else if (how !== "silent") void serve(path, response, how);
  });
  const kill = (): void => {
    server.close();
    server.closeAllConnections();
  };
  async function serve(path: string, response: ServerResponse, fault?: Fault): Promise<void> {
    const kept = await readFile(join(film.folder, path)).catch(() => undefined);
    const body =
      kept === undefined
        ? kept
        : path === spoilt
          ? Buffer.concat([kept, kept.subarray(0, 1)])
          : bent(kept, fault);
    if (body === undefined || response.destroyed) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": types[extname(path)] ?? "video/mp4",
      "content-length": fault === "lying-length" ? body.length + 1000 : body.length,
    });
    response.on("close", () => asked.push({ path, whole: response.writableFinished }));
    // By the clock: on a busy machine a pause takes longer than it should, and the pace would be another. A fault half-way
    // has to have a piece of its own.
    const pieceAfter = (ms: number): number => {
      const wanted = typeof bytesPerSecond === "number" ? bytesPerSecond : bytesPerSecond();
      const bytesPerMs = (fault === "crawls" ? 1250 : wanted) / 1000;
      return Math.ceil(Math.min(bytesPerMs * ms, Math.max(body.length / 5, bytesPerMs * pieceMs)));
    };
    let at = 0;
    let [piece, writtenMs] = [pieceAfter(pieceMs), performance.now()];
    while (at + piece < body.length && !response.destroyed) {
      if (at > body.length / 2 && fault === "falls-silent") return;
      if (at > body.length / 2 && fault === "breaks-off") return void response.destroy();
      response.write(body.subarray(at, at + piece));
      at += piece;
      await pause(pieceMs);
      const now = performance.now();
      [piece, writtenMs] = [pieceAfter(now - writtenMs), now];
    }
    if (fault === "lying-length") {
      response.write(body.subarray(at));
      await pause(pieceMs);
      response.destroy();
    } else response.end(body.subarray(at));
  }
  return { ...(await listening(server)), asked, heard, kill };
}

/** The file as a broken appliance holds it. */
function bent(kept: Buffer, fault: Fault | undefined): Buffer {
  switch (fault) {
    case "bit-flip": {
      const body = Buffer.from(kept);
      const middle = Math.floor(body.length / 2);
      body[middle] = (body[middle] ?? 0) ^ 4;
      return body;
    }
    case "cut-file":
      return kept.subarray(0, Math.floor(kept.length * 0.6));
    case "wrong-content": {
      // The boxes stay, the pictures in them go.
      const body = Buffer.from(kept);
      const data = body.indexOf("mdat") + 4;
      return Buffer.concat([body.subarray(0, data), Buffer.alloc(body.length - data)]);
    }
    case "error-page":
      return Buffer.from("<!doctype html><title>Not now</title>");
    default:
      return kept;
  }
}

export interface TestControl extends Running {
  readonly beacons: Beacon[];
  /** What was wished for in each play request. */
  readonly plays: PlayBody[];
  /** Session tokens, as they came with beacons. */
  readonly tokens: string[];
  readonly beats: BeatBody[];
  readonly releases: ReleaseBody[];
  /** Bodies of CMCD events, and the proof they came with. */
  readonly cmcd: { readonly body: string; readonly proof: string }[];
}

export interface ControlOrder {
  /** The built page. */
  readonly page: string;
  readonly answer: (wish: PlayBody) => PlayAnswer;
  /** To a beat; absent: the lease and the folder of the play go on. */
  readonly beat?: ((body: BeatBody, played: PlayAnswer) => BeatAnswer) | undefined;
}

function beatOn(body: BeatBody, { lease, prefix, expiresAtMs }: PlayAnswer): BeatAnswer {
  return { seq: body.seq, durable: true, screen: { lease, prefix, expiresAtMs } };
}

export async function startControl({ page, answer, beat = beatOn }: ControlOrder): Promise<TestControl> {
  const beacons: Beacon[] = [];
  const plays: PlayBody[] = [];
  const tokens: string[] = [];
  const cmcd: { body: string; proof: string }[] = [];
  const beats: BeatBody[] = [];
  const releases: ReleaseBody[] = [];
  let played: PlayAnswer | undefined;
  const heard = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const json = (value: unknown): void => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (url.pathname === "/v1/play") {
      const wish = playBody.parse(JSON.parse(await bodyOf(request)));
      plays.push(wish);
      played = answer(wish);
      json(played);
    } else if (url.pathname.endsWith("/beat") && played !== undefined) {
      const body = beatBody.parse(JSON.parse(await bodyOf(request)));
      beats.push(body);
      tokens.push(body.sessionToken);
      beacons.push(...(body.events ?? []));
      json(beat(body, played));
    } else if (url.pathname.endsWith("/release")) {
      const body = releaseBody.parse(JSON.parse(await bodyOf(request)));
      releases.push(body);
      beacons.push(...(body.events ?? []));
      response.writeHead(204).end();
    } else if (url.pathname === "/v1/telemetry") {
      const body = telemetryBody.parse(JSON.parse(await bodyOf(request)));
      tokens.push(body.sessionToken);
      beacons.push(...body.events);
      response.writeHead(204).end();
    } else if (url.pathname === "/v1/cmcd" && request.headers["content-type"] === cmcdType) {
      cmcd.push({ body: await bodyOf(request), proof: request.headers.authorization ?? "" });
      response.writeHead(204).end();
    } else await file(join(page, url.pathname === "/" ? "index.html" : url.pathname), response);
  };
  // A page that is closed breaks off what it was sending.
  const server = createServer(
    (request, response) => void heard(request, response).catch(() => response.destroy()),
  );
  return { ...(await listening(server)), beacons, plays, tokens, cmcd, beats, releases };
}

async function file(path: string, response: ServerResponse): Promise<void> {
  const body = await readFile(path).catch(() => undefined);
  if (body === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": types[extname(path)] ?? "text/plain" }).end(body);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

async function listening(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The play answer for a film that all these appliances hold: addresses by id, best first. */
export function answerFor(film: Film, urls: Readonly<Record<string, string>>, secret = "secret"): PlayAnswer {
  const sources = Object.entries(urls).map(([sourceId, url]) => ({ sourceId, baseUrl: `${url}/${secret}/` }));
  const under = (rendition: string) =>
    sources.map(({ sourceId, baseUrl }) => ({ sourceId, baseUrl: `${baseUrl}${rendition}/` }));
  return {
    sessionId: "session-1",
    sessionToken: "token",
    titleId: "sample",
    durationMs: film.sidecar.durationsMs.reduce((sum, ms) => sum + ms, 0),
    heartbeatIntervalMs: 2000,
    lease: { generation: 1, ttlMs: 45_000, renewAfterMs: 10_000 },
    beatUrl: "/v1/play/session-1/beat",
    releaseUrl: "/v1/play/session-1/release",
    sessionEndsAtMs: Date.now() + 3_600_000,
    prefix: `/${secret}/`,
    expiresAtMs: Date.now() + 3_600_000,
    manifests: sources.map(({ sourceId, baseUrl }) => ({
      sourceId,
      dash: `${baseUrl}manifest.mpd`,
      hls: `${baseUrl}master.m3u8`,
    })),
    sources: Object.fromEntries(renditionIds.map((id) => [id, under(id)])),
    sidecarUrls: sources.map(({ baseUrl }) => `${baseUrl}sidecar.json`),
    storyboardUrl: `${sources.at(-1)?.baseUrl}storyboard.vtt`,
    steering: steeringCardOf(Object.keys(urls)),
    resume: null,
  };
}

function steeringCardOf(ids: readonly string[]): SteeringCard {
  return {
    address: "203.0.113.7",
    ranked: ids.map((id, index) => ({
      id,
      siteId: id.split("-")[0] ?? id,
      siteName: id.startsWith("north") ? "Northwind embedded" : "Exchange",
      rule: index === 0 ? ("longest-prefix" as const) : ("as-path" as const),
      because:
        index === 0
          ? "203.0.113.0/24 is announced here: 24 bits match, the next site matches 20"
          : "AS path of 2 hops to 203.0.112.0/20",
      steps: [
        { rule: "longest-prefix" as const, out: 2 },
        { rule: "health" as const, out: 1 },
      ],
    })),
    eliminated: [
      { id: "south-c1", by: "not-held", because: "does not hold v270-1 of this title, verified or not" },
    ],
  };
}
