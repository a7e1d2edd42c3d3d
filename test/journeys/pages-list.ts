// Every page of the viewer and the operator, and what it waits for: tests that hold for all pages walk this list.
import type { Page } from "playwright-core";

/** An address, and what the page there is about: when that is seen, the page is ready. */
export type ListedPage = readonly [path: string, ready: (page: Page) => Promise<void>];

export const pages: readonly ListedPage[] = [
  ["/", (page) => page.getByRole("heading", { name: "Continue watching" }).waitFor()],
  ["/title/lakeside", (page) => page.getByRole("heading", { name: "Lakeside", level: 1 }).waitFor()],
  ["/title/ice-t", (page) => page.getByRole("heading", { name: "Episodes" }).waitFor()],
  ["/title/grown-up", (page) => page.getByRole("link", { name: "Switch profile" }).waitFor()],
  ["/search?q=la", (page) => page.getByRole("link", { name: /^Lakeside/ }).waitFor()],
  ["/search?q=zz", (page) => page.getByText("Try fewer letters").waitFor()],
  ["/profiles", (page) => page.getByRole("button", { name: "Watch as Olga" }).waitFor()],
  ["/account", (page) => page.getByRole("button", { name: "Choose Home" }).waitFor()],
  ["/sign-up", (page) => page.getByLabel("Invitation code").waitFor()],
  ["/sign-up/confirm#secret", (page) => page.getByRole("button", { name: "Make the account" }).waitFor()],
  ["/reset", (page) => page.getByRole("button", { name: "Send the link" }).waitFor()],
  ["/reset#secret", (page) => page.getByLabel("New password").waitFor()],
  ["/email/confirm#secret", (page) => page.getByRole("button", { name: "Confirm the new email" }).waitFor()],
  ["/nowhere", (page) => page.getByRole("heading", { name: "Nothing here" }).waitFor()],
  ["/ops", (page) => page.getByRole("heading", { name: "Overview" }).waitFor()],
  ["/ops/map", (page) => page.getByRole("table", { name: "Ranked for 192.0.2.1" }).waitFor()],
  ["/ops/appliances", (page) => page.getByRole("button", { name: "Drain flash-b" }).waitFor()],
  ["/ops/appliances/flash-b", (page) => page.getByRole("button", { name: "Drain flash-b" }).waitFor()],
  [
    "/ops/placement",
    (page) =>
      page
        .getByRole("row", { name: /^storage-a/ })
        .first()
        .waitFor(),
  ],
  [
    "/ops/encode",
    async (page) => {
      await page.getByRole("row", { name: /v360-1 640×360/ }).waitFor();
      await page
        .getByRole("img", { name: /^Hull of shot 1;/ })
        .locator("svg")
        .waitFor();
      await page.getByRole("img", { name: /^south-1: 20 jobs/ }).waitFor();
    },
  ],
  ["/ops/sessions/s0", (page) => page.getByRole("table", { name: "What changed when" }).waitFor()],
  [
    "/ops/quality",
    async (page) => {
      await page.getByRole("row", { name: /^AS64500 storage-a h264 / }).waitFor();
      await page.getByRole("table", { name: "Both arms" }).waitFor();
      await page
        .getByRole("slider", { name: /^Start-up time, median by minute/ })
        .locator("canvas")
        .waitFor();
      await page.getByText("Half of the starts took no longer").waitFor();
    },
  ],
  ["/ops/sessions", (page) => page.getByRole("row", { name: /viewer24@/ }).waitFor()],
  ["/ops/catalogue", (page) => page.getByRole("link", { name: "Lakeside" }).waitFor()],
  ["/ops/money", (page) => page.getByRole("row", { name: /^Lakeside 1/ }).waitFor()],
  [
    "/ops/settings",
    (page) => page.getByText("MILLRACE_PLAY_HOURS", { exact: true }).waitFor({ state: "attached" }),
  ],
  ["/ops/catalogue/lakeside", (page) => page.getByRole("group", { name: "Window 1" }).waitFor()],
];
