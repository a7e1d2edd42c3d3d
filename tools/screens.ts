// `npm run screens`: pictures of every page, taken in Chromium from the installation that runs at MILLRACE_URL, into docs/screens/.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { openBrowser } from "#io/browser.ts";
import { demandNode24 } from "./node-version.ts";

demandNode24();

const chromium = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
const url = process.env.MILLRACE_URL ?? "http://localhost:8080";
const { MILLRACE_EMAIL: email, MILLRACE_PASSWORD: password } = process.env;
const folder = process.argv[2] ?? "docs/screens";
assert.ok(
  email !== undefined && password !== undefined,
  "set MILLRACE_EMAIL and MILLRACE_PASSWORD to the account that `npm start` prints, and MILLRACE_URL if it is not on port 8080",
);

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
/** What a page still fetches, draws and fades in after its first answer. */
const settleMs = 2500;
/** Film that is played before the drawer's picture: enough for several decisions. */
const watchedMs = 14_000;

const consolePages = [
  ["overview", "/ops"],
  ["map", "/ops/map"],
  ["appliances", "/ops/appliances"],
  ["placement", "/ops/placement"],
  ["encode", "/ops/encode"],
  ["sessions", "/ops/sessions"],
  ["quality", "/ops/quality"],
  ["catalogue", "/ops/catalogue"],
  ["money", "/ops/money"],
  ["settings", "/ops/settings"],
] as const;

await mkdir(folder, { recursive: true });
const { context, close } = await openBrowser(chromium);
try {
  const page = await context.newPage();
  await page.setViewportSize(desktop);
  await page.emulateMedia({ colorScheme: "dark" });
  await signIn(page);
  await picture(page, "viewer-home", "/");
  const card = page.locator("main a[href^='/title/']").first();
  const titlePath = (await card.getAttribute("href")) ?? assert.fail("the first page has no film");
  await picture(page, "viewer-title", titlePath);
  await picture(page, "viewer-search", "/search?q=a");
  await drawer(page, titlePath);
  for (const [name, path] of consolePages) await picture(page, `operator-${name}`, path);
  await page.emulateMedia({ colorScheme: "light" });
  await picture(page, "viewer-home-light", "/");
  await picture(page, "operator-overview-light", "/ops");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize(phone);
  await picture(page, "viewer-home-phone", "/");
  await picture(page, "operator-overview-phone", "/ops");
  await page.evaluate("localStorage.setItem('millrace.language', 'ar')");
  await page.setViewportSize(desktop);
  await picture(page, "viewer-home-arabic", "/");
} finally {
  await close();
}

async function signIn(page: Page): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Email").fill(email ?? "");
  await page.getByLabel("Password").fill(password ?? "");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator("main a[href^='/title/']").first().waitFor();
}

async function picture(page: Page, name: string, path: string): Promise<void> {
  await page.goto(url + path);
  await page.locator("h1, h2").first().waitFor();
  await page.waitForTimeout(settleMs);
  await keep(page, name);
}

/** The film from its beginning, with the drawer open. */
async function drawer(page: Page, titlePath: string): Promise<void> {
  await page.goto(`${url}${titlePath.replace("/title/", "/watch/")}?from=beginning`);
  await page.locator("video").waitFor();
  await page.waitForTimeout(watchedMs / 2);
  await page.keyboard.press("i");
  await page.waitForTimeout(watchedMs / 2);
  await keep(page, "player");
}

async function keep(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folder}/${name}.png` });
  console.log(`${folder}/${name}.png`);
}
