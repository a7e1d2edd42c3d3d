// A real browser, driven. playwright-core is a development dependency: a program that only serves does not need it.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { removeTree } from "./files.ts";

export interface Browser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/** Keeps Chromium from asking the world: in a closed network each such request hangs. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--autoplay-policy=no-user-gesture-required",
];

const launchMs = 60_000;

/** Starts Chromium with a profile folder of its own, which is removed on close. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const profile = await mkdtemp(join(tmpdir(), "millrace-chromium-"));
  const viewport = { width: 1280, height: 720 };
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    headless: true,
    timeout: launchMs,
    viewport,
    // Its own handlers would end the whole process, and whatever else it has open would be left behind.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  let closed: Promise<void> | undefined;
  return {
    context,
    close() {
      closed ??= context.close().finally(() => removeTree(profile));
      return closed;
    },
  };
}
