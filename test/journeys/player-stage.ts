// A folder served to a real browser, and what its players made of it: Shaka Player, hls.js and dash.js as they are published.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { z } from "zod";
import { openBrowser } from "#io/browser.ts";

export interface Wish {
  readonly player: "shaka" | "hls" | "dash";
  readonly manifest: string;
  readonly height: number;
  /** How fast; 2 when absent. */
  readonly rate?: number;
  /** hls.js: changes to this height after its first segment. */
  readonly thenHeight?: number;
  /** hls.js: any error ends the play, not only a fatal one. */
  readonly strict?: boolean;
  /** Shaka's `drm`, dash.js's protection data. */
  readonly drm?: unknown;
  /** hls.js's configuration; Shaka's for its manifests. */
  readonly config?: unknown;
}

const outcome = z.object({
  why: z.string(),
  ranges: z.array(z.tuple([z.number(), z.number()])),
  heights: z.array(z.number()),
  frames: z.number(),
  at: z.number(),
  ended: z.boolean(),
});
export type Outcome = z.infer<typeof outcome>;

export interface Stage {
  /** Where the folder is. */
  readonly url: string;
  /** Bodies of the licence requests so far. */
  readonly asked: string[];
  readonly play: (wish: Wish) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mpd": "application/dash+xml",
  ".m3u8": "application/vnd.apple.mpegurl",
  ".ts": "video/mp2t",
};
const here = createRequire(import.meta.url);
const scripts: Readonly<Record<string, string>> = {
  "/shaka.js": here.resolve("shaka-player/dist/shaka-player.compiled.js"),
  "/hls.js": here.resolve("hls.js/dist/hls.js"),
  "/dash.js": here.resolve("dashjs"),
  "/page.html": join(import.meta.dirname, "../fixtures/players/page.html"),
};
const playMs = 40_000;

/** `licence` answers what a player posts to /licence. */
export async function openStage(
  chromium: string,
  folder: string,
  licence: (request: string) => string,
): Promise<Stage> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (pathname === "/licence") {
      const body = await bodyOf(request);
      asked.push(body);
      response.writeHead(200, { "content-type": "application/json" }).end(licence(body));
      return;
    }
    const path = scripts[pathname] ?? join(folder, pathname);
    const body = await readFile(path).catch(() => undefined);
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": types[extname(path)] ?? "video/mp4" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const browser = await openBrowser(chromium);
  return {
    url,
    asked,
    play: async (wish) => {
      const page = await browser.context.newPage();
      try {
        await page.goto(`${url}/page.html#${encodeURIComponent(JSON.stringify(wish))}`);
        const told = page.locator("pre:not(:empty)");
        await told.waitFor({ state: "attached", timeout: playMs });
        return outcome.parse(JSON.parse((await told.textContent()) ?? ""));
      } finally {
        await page.close();
      }
    },
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
