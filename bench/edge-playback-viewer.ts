// Runs at the viewer's end of a link, as a program: a fresh Chromium fetches segments one after the other by one protocol, for a while,
// and tells how long each took.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { z } from "zod";
import { removeTree } from "#io/files.ts";
import { type Fetched, protocolNames } from "./edge-playback.ts";

const order = z
  .object({
    ...{
      browserPath: z.string(),
      protocol: z.enum(["h1", "h2", "h3"]),
      origin: z.string(),
      spki: z.string(),
    },
    ...{ paths: z.array(z.string()), bodyBytes: z.number(), forMs: z.number() },
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const byProtocol = {
  h1: ["--disable-quic", "--disable-http2"],
  h2: ["--disable-quic"],
  h3: [`--origin-to-force-quic-on=${new URL(order.origin).host}`],
} as const;

const profile = await mkdtemp(join(tmpdir(), "millrace-chromium-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: order.browserPath,
  args: [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    ...["--disable-component-update", "--disable-sync", "--no-first-run"],
    ...[`--ignore-certificate-errors-spki-list=${order.spki}`, ...byProtocol[order.protocol]],
  ],
});
try {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(`${order.origin}/`);
  const fetched = await page.evaluate(async ({ paths, forMs }) => {
    const begun = performance.now();
    const all: { path: string; ms: number; bytes: number; status: number; protocol: string }[] = [];
    // Of a single one nothing can be said about stalls.
    for (let i = 0; i < 3 || performance.now() - begun < forMs; i++) {
      const path = `${paths[i % paths.length]}?${i}`;
      const at = performance.now();
      const answer = await fetch(path, { cache: "no-store" });
      const bytes = (await answer.arrayBuffer()).byteLength;
      const ms = performance.now() - at;
      const [entry] = performance.getEntriesByName(new URL(path, location.href).href).slice(-1);
      const protocol = entry instanceof PerformanceResourceTiming ? entry.nextHopProtocol : "";
      all.push({ path, ms, bytes, status: answer.status, protocol });
    }
    return all;
  }, order);
  process.stdout.write(JSON.stringify(fetched.map(checked)));
} finally {
  await context.close();
  await removeTree(profile);
}

function checked(one: {
  path: string;
  ms: number;
  bytes: number;
  status: number;
  protocol: string;
}): Fetched {
  const wanted = protocolNames[order.protocol];
  if (one.status !== 200 || one.bytes !== order.bodyBytes || one.protocol !== wanted) {
    throw new Error(`${one.path}: ${one.status}, ${one.bytes} bytes by "${one.protocol}", not by ${wanted}`);
  }
  return { ms: one.ms, bytes: one.bytes };
}
