// Runs at the server's end of a link, as a program: our nginx with TLS and the front for HTTP/3, until its input ends.
import { z } from "zod";
import { defaultsOf } from "#config/setting.ts";
import { superviseWithHttp3 } from "#edge/io/nginx-http3.ts";
import { serveState } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { programSettings } from "#io/settings.ts";
import { findNginx } from "#io/tools.ts";
import { key } from "./edge-servers.ts";

const order = z
  .object({
    ...{ prefixDir: z.string(), store: z.string(), certificate: z.string(), key: z.string() },
    ...{ host: z.string(), port: z.number() },
  })
  .parse(JSON.parse(process.argv[2] ?? ""));

const ending = new AbortController();
const tools = await findNginx(defaultsOf(programSettings), ending.signal);
const settings = { ...defaultsOf(edgeSettings), workers: 1 };
const at = (above: number): string => `${order.host}:${order.port + above}`;
const nginx = await superviseWithHttp3(
  {
    ...{ nginx: tools.nginx?.path, modulesFolder: tools.nginxSetMisc, prefixDir: order.prefixDir },
    state: serveState(order.store, at(0), [key], settings),
    ...{ stopGraceMs: 500, signal: ending.signal, onEvent: () => undefined },
  },
  {
    order: { listen: at(1), files: order, oldest: "1.3", pollMs: 60_000 },
    ...{ clock: systemClock, onEvent: () => undefined },
  },
  { listen: at(2), caddy: settings.caddy, onEvent: () => undefined },
);
const patience = setTimeout(() => {
  process.stderr.write(`no HTTP/3: ${nginx.http3().because}\n`);
  process.exit(1);
}, 20_000);
const looking = setInterval(() => {
  if (!nginx.http3().up) return;
  clearInterval(looking);
  clearTimeout(patience);
  process.stdout.write("ready\n");
}, 100);
process.stdin.on("end", () => void nginx.stop().then(() => process.exit(0))).resume();
