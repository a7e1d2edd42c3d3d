// Serves packages, the players' page and the players themselves on loopback: byte ranges, CORS, and damage on request.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import { extname, join, resolve } from "node:path";

/** What becomes of a file on its way: other bytes, or undefined as if it were not there. */
export type Damage = (path: string, body: Buffer) => Buffer | undefined;

export interface FilmServer {
  readonly url: string;
  /** Paths below a film that were asked for and answered, oldest first. */
  readonly asked: string[];
  /** Serves `folder` under a name, and returns where. */
  offer(name: string, folder: string, damage?: Damage): string;
  close(): Promise<void>;
}

interface Film {
  readonly folder: string;
  readonly damage: Damage;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".ts": "text/javascript",
  ".mpd": "application/dash+xml",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".vtt": "text/vtt",
  ".jpg": "image/jpeg",
};

const whole: Damage = (_, body) => body;

export async function serveFilms(): Promise<FilmServer> {
  const films = new Map<string, Film>();
  const asked: string[] = [];
  const find = async (path: string): Promise<Buffer | undefined> => {
    const [, place = "", ...rest] = path.split("/");
    const below = rest.join("/");
    if (place === "lib") return contentOf(resolve("node_modules", below));
    if (place === "page") return scriptOf(resolve("test/fixtures/players", below));
    const film = films.get(place);
    const body = film && (await contentOf(join(film.folder, below)));
    if (film === undefined || body === undefined) return undefined;
    asked.push(below);
    return film.damage(below, body);
  };
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    answer(request, response, path, await find(path));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    url,
    asked,
    offer: (name, folder, damage = whole) => {
      films.set(name, { folder, damage });
      return `${url}/${name}`;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function contentOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}

/** The page is TypeScript: its types are taken out, as Node itself does with this file. */
async function scriptOf(path: string): Promise<Buffer | undefined> {
  const body = await contentOf(path);
  return body && extname(path) === ".ts" ? Buffer.from(stripTypeScriptTypes(body.toString())) : body;
}

/** Source: RFC 9110 §14.2, one range. */
function answer(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  path: string,
  body: Buffer | undefined,
): void {
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "range");
  if (method === "OPTIONS") {
    response.writeHead(204).end();
    return;
  }
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  const type = { "content-type": types[extname(path)] ?? "video/mp4", "accept-ranges": "bytes" };
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  if (range === null) {
    response.writeHead(200, { ...type, "content-length": body.length }).end(body);
    return;
  }
  const from = Number(range[1]);
  const to = Math.min(body.length - 1, range[2] === "" ? body.length : Number(range[2]));
  if (from > to) {
    response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
    return;
  }
  const part = { "content-range": `bytes ${from}-${to}/${body.length}`, "content-length": to - from + 1 };
  response.writeHead(206, { ...type, ...part }).end(body.subarray(from, to + 1));
}
