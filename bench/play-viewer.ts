// Runs at the viewer's end of the link, as a program: a fresh Chromium, one showing, and on standard output what page and server saw.
import { z } from "zod";
import { openBrowser } from "#io/browser.ts";
import type { SideOrder } from "#test/fixtures/players/side.ts";
import { seenByPage, serverLog } from "./play-showing.ts";

const [url, browserPath] = z.tuple([z.string(), z.string()]).parse(process.argv.slice(2, 4));
const order: SideOrder = z
  .object({
    player: z.enum(["ours", "shaka", "hls.js", "dash.js"]),
    untilS: z.number(),
    patienceMs: z.number(),
  })
  .parse(JSON.parse(process.argv[4] ?? ""));

const browser = await openBrowser(browserPath);
try {
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  page.on("pageerror", (error) => process.stderr.write(`${error}\n`));
  await page.goto(`${url}/page/side.html`);
  await page.waitForFunction(() => window.showSide !== undefined);
  const seen = await page.evaluate((one) => window.showSide(one), order);
  const log = await (await fetch(`${url}/log`)).json();
  process.stdout.write(JSON.stringify({ page: seenByPage.parse(seen), server: serverLog.parse(log) }));
} finally {
  await browser.close();
}
