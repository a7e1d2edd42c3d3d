// The built pages, and visits to them in a real browser: one build, and a browser per file of tests.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";
import { after, before } from "node:test";
import type { Page } from "playwright-core";
import { build } from "vite";
import { z } from "zod";
import type { Browser } from "#io/browser.ts";
import { openBrowser } from "#io/browser.ts";
import { keptBuild, pageSources } from "#test/fixtures/kept-build.ts";
import type { PagesApi } from "./pages-api.ts";
import { servePages } from "./pages-api.ts";

const chromium = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
/** Why journeys of pages cannot run here; false when they can. */
export const noBrowser = existsSync(chromium)
  ? false
  : `no Chromium at ${chromium}: apt-get install chromium`;
export const waitMs = 120_000;

export interface Built {
  readonly folder: string;
  readonly browser: Browser | undefined;
}

export interface Visit {
  readonly page: Page;
  readonly api: PagesApi;
  /** What the console said in anger, but for refusals that the test provoked. */
  readonly complaints: string[];
  /** Requests that went to another host. */
  readonly strays: string[];
}

/** Builds the pages before the file's tests unless they are built, and opens the browser that they share. */
export function builtPages(): () => Built {
  let folder = "";
  let browser: Browser | undefined;
  before(async () => {
    folder = await keptBuild("pages", pageSources, async (outDir) => {
      await build({
        configFile: "web/vite.config.ts",
        logLevel: "error",
        build: { outDir, emptyOutDir: true, reportCompressedSize: false },
      });
    });
    if (noBrowser === false) browser = await openBrowser(chromium);
  });
  after(() => browser?.close());
  return () => ({ folder, browser });
}

export async function visit(t: TestContext, { folder, browser }: Built, signedIn: boolean): Promise<Visit> {
  assert.ok(browser !== undefined);
  const api = await servePages(folder);
  const page = await browser.context.newPage();
  page.setDefaultTimeout(waitMs);
  api.signedIn = signedIn;
  const complaints: string[] = [];
  const strays: string[] = [];
  page.on("console", (message) => {
    const refused = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !refused) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "blob:" && origin !== api.url) strays.push(request.url());
  });
  t.after(async () => {
    await page.close();
    await api.close();
  });
  return { page, api, complaints, strays };
}

export async function waitForPost(page: Page, api: PagesApi, start: string): Promise<string> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const found = api.posts.find((post) => post.startsWith(start));
    if (found !== undefined) return found;
    assert.ok(performance.now() < deadline, `no POST ${start}among ${JSON.stringify(api.posts)}`);
    await page.waitForTimeout(50);
  }
}

/** Controls that a screen reader would call by their kind alone. */
export async function namelessControls(page: Page): Promise<readonly string[]> {
  const tree = await page.locator("body").ariaSnapshot();
  const lines = tree.split("\n").map((line) => line.trim());
  return lines.filter((line) => /^- (button|link|textbox|combobox|searchbox)( \[|:|$)/.test(line));
}

const violations = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ target: z.array(z.unknown()) })),
    }),
  ),
});

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe-core calls serious or critical: "rule: where". It comes in by the debugger, which no content policy stops. */
export async function seriousViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(axePath, "utf8"));
  const answer: unknown = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return violations
    .parse(answer)
    .violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}
