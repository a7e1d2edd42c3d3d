// One whole river on the real engines at once, all chosen by addresses: PostgreSQL, Kafka, Cassandra, memcached, S3. Published,
// killed while it is copied, played, started again on an empty disk, and started while all but the database are away.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { cp, readdir, rm } from "node:fs/promises";
import { after, before, test } from "node:test";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import pg from "pg";
import { defaultsOf } from "#config/setting.ts";
import { openStores } from "#data/io/database.ts";
import type { StoredTitle } from "#data/ports.ts";
import { dataSettings } from "#data/settings.ts";
import { engine, ownEngine } from "#test/fixtures/engine.ts";
import { StallingProxy } from "#test/fixtures/memcached.ts";
import { type Client, client } from "#test/journeys/control-client.ts";
import {
  type Home,
  killHard,
  missing,
  openHome,
  type Run,
  telling,
  tinyFilm,
  until,
} from "#test/journeys/start-rig.ts";
import type { Engines, Missing } from "#tools/engines.ts";
import { opsQuality } from "#wire/quality.ts";
import type { PlayAnswer } from "#wire/viewer.ts";

type Rig = {
  readonly [Name in "kafka" | "cassandra" | "memcached" | "s3"]: Exclude<Engines[Name], Missing>;
} & {
  readonly home: Home;
  readonly film: string;
  readonly databaseUrl: string;
  readonly bucket: string;
  readonly objects: S3Client;
  /** Between Millrace and S3. */
  readonly proxy: StallingProxy;
  readonly env: Readonly<Record<string, string>>;
};

const { signal } = new AbortController();
let rig: Rig | Missing = { missing: "set-up failed" };

before(async () => {
  rig = missing === false ? await openRig() : { missing };
});

after(async () => {
  if ("missing" in rig) return;
  await rig.home.close();
  await rig.proxy.close();
});

function demanded<Engine extends object>(found: Engine | Missing): Engine {
  if ("missing" in found) throw new Lacking(found.missing);
  return found;
}

class Lacking extends Error {}

async function openRig(): Promise<Rig | Missing> {
  try {
    const [postgres, memcached, s3, kafka, cassandra] = [
      demanded(await engine("postgres")),
      demanded(await ownEngine("memcached")),
      demanded(await ownEngine("s3")),
      demanded(await ownEngine("kafka")),
      demanded(await ownEngine("cassandra")),
    ];
    const name = `river${randomBytes(5).toString("hex")}`;
    const databaseUrl = await freshDatabase(postgres.url, name);
    const { endpoint, region, credentials } = s3;
    const objects = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    await objects.send(new CreateBucketCommand({ Bucket: name }));
    const proxy = await StallingProxy.start(Number(new URL(endpoint).port));
    const login = `${credentials.accessKeyId}:${credentials.secretAccessKey}`;
    const [node = ""] = cassandra.contactPoints;
    const home = await openHome();
    const env = {
      DATABASE_URL: databaseUrl,
      MILLRACE_EVENTS_URL: `kafka://${kafka.brokers.join(",")}/${name}`,
      MILLRACE_HISTORY_URL: `cassandra://${node}/${name}?dc=${cassandra.localDataCenter}`,
      MILLRACE_CACHE_URL: `memcached://127.0.0.1:${memcached.port}/${name}`,
      MILLRACE_BLOBS_URL: `s3://${login}@127.0.0.1:${proxy.port}/${name}?tls=false`,
      MILLRACE_BLOBS_DEADLINE_SECONDS: "5",
      MILLRACE_EVENTS_PARTITIONS: "2",
      MILLRACE_SHIP_BACKOFF_SECONDS: "1",
      // Nobody is late here, and nobody waits two minutes for them.
      ...{ MILLRACE_QOE_LATE_SECONDS: "0", MILLRACE_QOE_SAVE_SECONDS: "1", MILLRACE_QOE_TICK_SECONDS: "1" },
      // A killed plane's hold is known by its process to be over.
      MILLRACE_PLANE_HOLD_MS: "10000",
      MILLRACE_PLANE_BEAT_MS: "1000",
    };
    const film = await tinyFilm(home.path("a-tiny-film.mp4"), 1.5);
    return { kafka, cassandra, memcached, s3, home, film, databaseUrl, bucket: name, objects, proxy, env };
  } catch (error) {
    if (error instanceof Lacking) return { missing: error.message };
    throw error;
  }
}

async function freshDatabase(url: string, name: string): Promise<string> {
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(`create database ${name}`).finally(() => server.end());
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

function onRiver(title: string, body: (rig: Rig) => Promise<void>): void {
  test(title, async (t) => {
    const found = rig;
    if ("missing" in found) return t.skip(found.missing);
    await telling(found.home, () => body(found));
  });
}

async function keysIn({ objects, bucket }: Rig, prefix: string): Promise<readonly string[]> {
  const { Contents = [] } = await objects.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = "" }) => Key);
}

async function titlesOf({ databaseUrl, home }: Rig): Promise<readonly StoredTitle[]> {
  const settings = defaultsOf(dataSettings);
  const onNote = (): void => undefined;
  const stores = await openStores({ databaseUrl, folder: home.path("none"), settings, signal, onNote });
  try {
    return await stores.catalog.titles();
  } finally {
    await stores.close();
  }
}

async function signedIn({ home }: Rig, run: Run): Promise<Client> {
  const [, email = "", password = ""] = await run.until(/sign in with {2}(\S+) {2}password {2}(\S+)/);
  const me = client(home.url);
  assert.equal((await me.signIn(email, password)).status, 200);
  return me;
}

/** Every file of the package, from where a viewer fetches it. */
async function everyFileIsRight(play: PlayAnswer, { package: packed }: StoredTitle): Promise<number> {
  let count = 0;
  for (const rendition of packed.renditions) {
    for (const { path, sha256 } of rendition.files) {
      const folder = play.sources[rendition.id]?.[0]?.baseUrl ?? assert.fail(`no source of ${rendition.id}`);
      const name = rendition.kind === "index" ? path : path.slice(path.indexOf("/") + 1);
      const answer = await fetch(`${folder}${name}`, { signal: AbortSignal.timeout(10_000) });
      assert.equal(answer.status, 200, path);
      const found = createHash("sha256")
        .update(new Uint8Array(await answer.arrayBuffer()))
        .digest("hex");
      assert.equal(found, sha256, path);
      count++;
    }
  }
  return count;
}

/** A play of some seconds up to a position. */
async function watch(me: Client, titleId: string, positionMs: number): Promise<PlayAnswer> {
  const play = await me.play(titleId);
  const events = [
    me.beacon(play, 1, { state: "start", positionMs: 0 }),
    ...[2, 3, 4].map((seq) => me.beacon(play, seq, { positionMs: (positionMs * seq) / 4 })),
  ];
  const said = await me.post("/v1/telemetry", { sessionToken: play.sessionToken, events });
  assert.equal(said.status, 204, JSON.stringify(said.body));
  return play;
}

async function resumesAt(me: Client, titleId: string, positionMs: number): Promise<void> {
  await until(`a resume point at ${positionMs} ms`, 90_000, async () => {
    const { resume } = await me.play(titleId);
    return resume?.positionMs === positionMs || undefined;
  });
}

async function playsCounted(me: Client, titleId: string, least: number): Promise<void> {
  await until(`${least} plays in the figures of quality`, 150_000, async () => {
    const { groups } = opsQuality.parse((await me.get("/v1/ops/qoe?by=title&step=10")).body);
    const plays = groups.find(({ key }) => key === titleId)?.whole.plays ?? 0;
    return plays >= least || undefined;
  });
}

onRiver(
  "[DA254] killed while a film is copied: it is told of by nobody, and the next start ends the copy",
  async (at) => {
    const { home, proxy, film, env } = at;
    const stalled = proxy.stallAt(5, `PUT /${at.bucket}/media/`);
    const run = home.start([film], env);
    await Promise.race([stalled, run.ended]);
    const sent = (await keysIn(at, "media/")).length;
    assert.deepEqual(await keysIn(at, "titles/"), [], "all of it was there before the kill");
    assert.deepEqual(await titlesOf(at), []);
    killHard(run.child.pid ?? 0);
    await home.killAll();
    proxy.goOn();
    const again = home.start([film], env);
    const me = await signedIn(at, again);
    const [title] = await titlesOf(at);
    assert.ok(title !== undefined);
    const media = new Set(title.package.renditions.flatMap(({ files }) => files.map((file) => file.sha256)));
    assert.ok(sent < media.size, `${sent} of ${media.size}`);
    assert.equal((await keysIn(at, "media/")).length, media.size);
    assert.equal((await keysIn(at, "titles/")).length, 1);
    await everyFileIsRight(await me.play(title.id), title);
    assert.equal(await again.end("SIGINT"), 0);
  },
);

onRiver(
  "[DA254] played on all engines at once; an empty disk gets its titles back, and plays go on",
  async (at) => {
    const { home, film, env } = at;
    const run = home.start([film], env);
    const me = await signedIn(at, run);
    const [title] = await titlesOf(at);
    assert.ok(title !== undefined);
    await watch(me, title.id, 3000);
    await resumesAt(me, title.id, 3000);
    await playsCounted(me, title.id, 1);
    assert.equal(await run.end("SIGINT"), 0);

    await cp(home.path("secrets.json"), home.path("tmp/secrets.json"));
    const kept = new Set(["tmp", "tools", "sites.json", "a-tiny-film.mp4"]);
    for (const name of await readdir(home.folder)) {
      if (!kept.has(name)) await rm(home.path(name), { recursive: true });
    }
    await cp(home.path("tmp/secrets.json"), home.path("secrets.json"));
    const again = home.start([film], env);
    const back = await signedIn(at, again);
    assert.match(again.said(), /published before as a-tiny-film-/);
    const files = await everyFileIsRight(await back.play(title.id), title);
    assert.ok(files > 10);
    await resumesAt(back, title.id, 3000);
    assert.equal(await again.end("SIGINT"), 0);
  },
);

onRiver(
  "[DA254] with all engines but the database away it starts and plays; when they come it catches up",
  async (at) => {
    const { home, film, env, kafka, cassandra, memcached, s3 } = at;
    for (const away of [kafka, cassandra, memcached, s3]) await away.kill();
    const run = home.start([film], env);
    const me = await signedIn(at, run);
    const [title] = await titlesOf(at);
    assert.ok(title !== undefined);
    const play = await watch(me, title.id, 4000);
    assert.equal(play.resumeStale, true);
    await everyFileIsRight(play, title);
    for (const back of [memcached, s3, kafka, cassandra]) await back.restart();
    await resumesAt(me, title.id, 4000);
    await playsCounted(me, title.id, 2);
    assert.equal(await run.end("SIGINT"), 0);
    await home.isQuiet();
  },
);
