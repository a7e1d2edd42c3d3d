// A small river for experiments: a film of eight segments, an origin, one appliance and the control plane, on loopback.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { defaultsOf } from "#config/setting.ts";
import { ensureAccount } from "#control/io/accounts.ts";
import { openPasswords } from "#control/io/passwords.ts";
import { openSecrets } from "#control/io/secrets.ts";
import { type ControlHandle, startControl } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import { openStores } from "#data/io/database.ts";
import { openEventLog } from "#data/io/event-log.ts";
import { dataSettings } from "#data/settings.ts";
import { runAgent } from "#edge/io/agent.ts";
import { startOrigin } from "#edge/io/origin.ts";
import { edgeSettings } from "#edge/settings.ts";
import { systemClock } from "#io/clock.ts";
import { openLog } from "#io/log.ts";
import type { PackagedFile } from "#model/package.ts";
import { makeMigrated } from "#test/fixtures/made-embedded.ts";
import { smallTitle } from "#test/fixtures/small-network.ts";
import { titleId } from "#units/id.ts";
import { bitsPerSecond, bytes, seconds } from "#units/quantity.ts";
import { experiment } from "#wire/experiment.ts";
import { type Client, client } from "./control-client.ts";
import { manyScreens, operator, viewer } from "./control-plane.ts";
import { atEnd, freeListen, strength, tempFolder, tools, until } from "./edge-rig.ts";

export const filmId = "film-1";
export const segmentMs = 3000;
export const segments = 8;
export const broken = 5;
export const rungs = ["v180-1", "v360-1"] as const;

const edge = { ...defaultsOf(edgeSettings), workers: 1, stopGraceMs: 200, reportIntervalMs: 100 };

export interface River {
  readonly control: ControlHandle;
  readonly operator: Client;
  readonly viewer: Client;
  /** Origin of the appliance's address. */
  readonly appliance: string;
  /** Bytes and hash of every file of the film, by path. */
  readonly files: ReadonlyMap<string, PackagedFile>;
  /** Orders an experiment, starts it, and waits until the appliance knows; a short one may be over before. */
  begin(order: Record<string, unknown>): Promise<string>;
  /** Its state, as the operator is told. */
  stateOf(id: string): Promise<ReturnType<typeof experiment.parse>["state"]>;
}

export async function openRiver(t: TestContext): Promise<River> {
  const folder = tempFolder(t);
  const [originListen, boxListen] = [await freeListen(), await freeListen()];
  const signal = new AbortController().signal;
  const files = writeFilm(join(folder, "store/v", filmId));
  const secretsPath = join(folder, "secrets.json");
  const { control, applianceToken } = await openControl(t, { folder, secretsPath, originListen, boxListen });
  const { signingKeys } = await openSecrets(secretsPath);
  const origin = await startOrigin({
    tools,
    folder: join(folder, "store"),
    prefixDir: join(folder, "origin-nginx"),
    listen: originListen,
    keys: signingKeys,
    settings: edge,
    signal,
    onEvent: () => undefined,
  });
  atEnd(t, () => origin.stop());
  await control.publishTitle(titleOf(files));
  openAgent(t, { folder, boxListen, control, token: applianceToken });
  const [op, ada] = [client(control.url), client(control.url)];
  await op.signIn(operator.email, operator.password);
  await ada.signIn(viewer.email, viewer.password);
  await until("the appliance holds the film", () => {
    const [box] = control.appliances();
    return box?.health === "healthy" && box.verifiedFiles === rungs.length + 1;
  });
  const stateOf: River["stateOf"] = async (id) =>
    experiment.parse((await op.get(`/v1/ops/experiments/${id}`)).body).state;
  return {
    control,
    operator: op,
    viewer: ada,
    appliance: `http://${boxListen}`,
    files,
    begin: async (order) => {
      const id = await begin(op, order);
      // The agent writes a state down once its nginx serves by it.
      const knows = (): boolean => readFileSync(join(folder, "box/state/desired.json"), "utf8").includes(id);
      await until(
        "the appliance knows, or it is over",
        async () => knows() || (await stateOf(id)).kind === "ended",
      );
      return id;
    },
    stateOf,
  };
}

async function begin(op: Client, order: Record<string, unknown>): Promise<string> {
  const ordered = await op.post("/v1/ops/experiments", order);
  assert.equal(ordered.status, 200, JSON.stringify(ordered.body));
  const { id } = experiment.parse(ordered.body);
  const said = await op.post(`/v1/ops/experiments/${id}/start`, {});
  assert.equal(said.status, 200, JSON.stringify(said.body));
  return id;
}

/** Boxes as a player demands them, around bytes that no other segment has. */
function writeFilm(folder: string): ReadonlyMap<string, PackagedFile> {
  const paths = rungs.flatMap((rung) => Array.from({ length: segments }, (_, n) => `${rung}/${n + 1}.m4s`));
  const made = [...paths, "manifest.mpd", "sidecar.json"].map((path) => {
    const media = Buffer.alloc(3000, path);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(media.length + 8);
    const body = Buffer.concat([Buffer.from("\0\0\0\bmoof"), size, Buffer.from("mdat"), media]);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
    const sha256 = createHash("sha256").update(body).digest("hex");
    return [path, { path, bytes: bytes(body.length), sha256 }] as const;
  });
  return new Map(made);
}

function titleOf(files: ReadonlyMap<string, PackagedFile>): ReturnType<typeof smallTitle> {
  const small = smallTitle(filmId);
  const renditions = [...rungs, "index"].map((id) => {
    const own = [...files.values()].filter(({ path }) =>
      id === "index" ? !path.includes("/") : path.startsWith(`${id}/`),
    );
    return {
      id,
      kind: id === "index" ? ("index" as const) : ("video" as const),
      codecs: "avc1.64001f",
      width: 640,
      height: 360,
      bitrate: bitsPerSecond(24_000),
      peak: bitsPerSecond(24_000),
      bytes: bytes(own.reduce((sum, file) => sum + file.bytes, 0)),
      files: own,
    };
  });
  const lengths = Array.from({ length: segments }, () => segmentMs);
  const duration = seconds((segments * segmentMs) / 1000);
  const pack = { ...small.package, titleId: titleId(filmId), duration, renditions, segmentMs: lengths };
  return { ...small, package: pack };
}

async function openControl(
  t: TestContext,
  at: {
    readonly folder: string;
    readonly secretsPath: string;
    readonly originListen: string;
    readonly boxListen: string;
  },
): Promise<{ readonly control: ControlHandle; readonly applianceToken: string }> {
  const { signal } = new AbortController();
  const settings = {
    ...defaultsOf(controlSettings),
    playsPerMinute: 10_000,
    playBudgetMs: 30_000,
    // These viewers do not beat.
    leaseTtlMs: 600_000,
    argonMemoryKib: 8192,
    consumerIdleMs: 20,
    closeGraceMs: 200,
    reportIntervalMs: 100,
    experimentSharePercent: 50,
    experimentLooks: 50,
    experimentLeastPerArm: 5,
    experimentPollMs: 50,
  };
  const db = join(at.folder, "db");
  if (!existsSync(db)) await makeMigrated(db);
  const stores = await openStores({ databaseUrl: "", folder: db, signal, onNote: () => undefined });
  atEnd(t, () => stores.close());
  const logFolder = join(at.folder, "log");
  const log = await openEventLog({ folder: logFolder, settings: defaultsOf(dataSettings), signal });
  atEnd(t, () => log.close());
  const passwords = openPasswords(settings);
  const { secretsPath } = at;
  await ensureAccount({ stores, passwords, secretsPath, ...operator, role: "operator" });
  const many = { email: viewer.email, passwordHash: "", role: "viewer", profileName: "Home" } as const;
  await stores.accounts.create({ ...many, entitlement: manyScreens });
  await ensureAccount({ stores, passwords, secretsPath, ...viewer, role: "viewer" });
  const secrets = await openSecrets(secretsPath);
  const box = { id: "a1", role: "storage" as const, storageBytes: 1e9, throughputBps: 1e9 };
  const appliances = [{ ...box, listen: at.boxListen }];
  const control = await startControl({
    stores,
    log,
    settings,
    secrets,
    pathStrength: strength,
    listen: { host: "127.0.0.1", port: 0 },
    topology: { sites: [{ id: "here", name: "Here", kind: "embedded", appliances }], viewpoints: [] },
    routes: { routes: [{ siteId: "here", prefix: "0.0.0.0/0", asPath: [64_500], med: 0 }] },
    originBaseUrl: `http://${at.originListen}`,
    pagesFolder: undefined,
    logger: openLog("control", "silent"),
    clock: systemClock,
    signal,
  });
  atEnd(t, () => control.close());
  return { control, applianceToken: secrets.applianceToken };
}

function openAgent(
  t: TestContext,
  order: {
    readonly folder: string;
    readonly boxListen: string;
    readonly control: ControlHandle;
    readonly token: string;
  },
): void {
  const ending = new AbortController();
  const life = runAgent({
    id: "a1",
    controlUrl: order.control.url,
    token: order.token,
    listen: order.boxListen,
    dir: join(order.folder, "box"),
    budget: bytes(1e9),
    tools,
    settings: edge,
    clock: systemClock,
    log: openLog("appliance", "silent"),
    signal: ending.signal,
  });
  atEnd(t, async () => {
    ending.abort();
    await life;
  });
}
