// The server side of `bench -- playstart`, in a process of its own that is pinned to one core: a whole control plane
// with viewers who signed in, and the reference, a Fastify route that checks its body and answers 204.
import { join } from "node:path";
import Fastify from "fastify";
import { defaultsOf } from "#config/setting.ts";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { startControl } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { dataSettings } from "#data/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import { smallRoutes, smallSites, smallTitle } from "#test/fixtures/small-network.ts";

/** "unread": nobody reads the event log meanwhile, it is large, and nobody is sent away: what one core takes in is asked. */
const [folder = "", databaseUrl = "", viewers = "200", reading = "read"] = process.argv.slice(2);
const { signal } = new AbortController();
const onNote = (): void => undefined;
const plenty = 100_000;
const settings = {
  ...defaultsOf(controlSettings),
  ...{
    playsPerMinute: plenty,
    signInsPerMinute: plenty,
    beaconPostsPerMinute: plenty,
    prefetchesPerMinute: plenty,
  },
  ...{ argonMemoryKib: 1024, argonPasses: 1 },
  ...(reading === "unread" && {
    consumerIdleMs: 600_000,
    shedFromPerSecond: 1_000_000,
    inWorkLeast: 5000,
    inWorkMost: 5000,
  }),
};
const data = { ...defaultsOf(dataSettings), ...(reading === "unread" && { logTotalMib: 16_384 }) };
const secretsPath = join(folder, "secrets.json");
const stores = await openStores({ databaseUrl, folder: join(folder, "db"), settings: data, signal, onNote });
const log = await openEventLog({ folder: join(folder, "log"), settings: data, signal });
const passwords = openPasswords(settings);
const password = "bench of the play start";
const emails = Array.from({ length: Number(viewers) }, (_, nth) => `viewer-${nth}@example.org`);
for (const email of emails) {
  await ensureAccount({ stores, passwords, secretsPath, email, password, role: "viewer" });
}
const control = await startControl({
  ...{ stores, log, settings, signal, clock: systemClock, logger: openLog("control", "silent") },
  ...{ secrets: await openSecrets(secretsPath), listen: { host: "127.0.0.1", port: 0 } },
  ...{
    topology: smallSites,
    routes: smallRoutes,
    originBaseUrl: "http://127.0.1.1:8180",
    pagesFolder: undefined,
  },
});
await control.publishTitle(smallTitle("film"));

/** About 220 bytes, like a beacon. */
const beaconSchema = {
  type: "object",
  required: ["sessionId", "seq", "state", "positionMs", "bufferMs", "because"],
  additionalProperties: false,
  properties: {
    sessionId: { type: "string", maxLength: 64 },
    seq: { type: "integer", minimum: 1 },
    state: { enum: ["start", "playing", "paused"] },
    positionMs: { type: "integer", minimum: 0 },
    bufferMs: { type: "integer", minimum: 0 },
    because: { type: "string", maxLength: 400 },
  },
} as const;
const reference = Fastify();
reference.post("/", { schema: { body: beaconSchema } }, async (_request, reply) => reply.code(204).send());
await reference.listen({ host: "127.0.0.1", port: 0 });
const address = reference.server.address();
const referencePort = typeof address === "object" && address !== null ? address.port : 0;
process.stdout.write(`${JSON.stringify({ controlUrl: control.url, referencePort, emails, password })}\n`);

process.once("SIGTERM", async () => {
  await Promise.all([control.close(), reference.close()]);
  await log.close();
  await stores.close();
  process.exit(0);
});
