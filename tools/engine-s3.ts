// An S3 store: SeaweedFS with all its parts (master, volume, filer, S3) in one process.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type EngineOptions, freePorts, type RunningEngine, startEngine } from "./engine-process.ts";

export interface RunningS3 extends RunningEngine {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface S3Options extends EngineOptions {
  /** The program `weed`. */
  readonly weed: string;
}

const startMs = 60_000;
const credentials = { accessKeyId: "millrace", secretAccessKey: "not-a-secret-of-anybody" };

/** Buckets are the caller's to make; addresses are path-style. An object is flushed to the disk before it is acknowledged. */
export async function startS3(options: S3Options): Promise<RunningS3> {
  const { folder, weed, signal } = options;
  const ports = await freePorts(10);
  const [port = 0, filer = 0, master = 0] = ports;
  const engine = await startEngine(options, async () => {
    await writeFile(join(folder, "identities.json"), JSON.stringify({ identities: [identity] }));
    // Seven volumes for each bucket is what a cluster wants.
    await writeFile(join(folder, "master.toml"), "[master.volume_growth]\ncopy_1 = 1\n");
    return {
      name: "SeaweedFS",
      folder,
      command: weed,
      argv: argumentsOf(folder, ports),
      signal,
      startMs,
      // A write waits for a lock, and its parts need some seconds to agree that there is one filer to give it.
      isReady: async (log) => log.includes("LockRing: applying") && (await assigns(master)),
    };
  });
  await flushBuckets(filer).catch(async (error: unknown) => {
    await engine.stop();
    throw error;
  });
  return Object.assign(engine, { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials });
}

const identity = {
  name: "millrace",
  credentials: [{ accessKey: credentials.accessKeyId, secretKey: credentials.secretAccessKey }],
  actions: ["Admin", "Read", "Write", "List", "Tagging"],
};

function argumentsOf(folder: string, ports: readonly number[]): string[] {
  const [port, filer, master, grpc, filerGrpc, masterGrpc, volume, volumeGrpc, admin, adminGrpc] = ports;
  return [
    ...["-logtostderr=true", "mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", `-dir=${folder}`],
    // On by default: it would tell its makers about every start.
    "-master.telemetry=false",
    ...[`-master.port=${master}`, `-master.port.grpc=${masterGrpc}`, "-master.volumeSizeLimitMB=256"],
    // Nobody else could be elected, and it need not wait ten seconds for them.
    ...["-master.peers=none", "-master.electionTimeout=500ms"],
    ...[`-volume.port=${volume}`, `-volume.port.grpc=${volumeGrpc}`, "-volume.max=1000"],
    "-volume.preStopSeconds=0",
    ...[`-filer.port=${filer}`, `-filer.port.grpc=${filerGrpc}`],
    `-filer.localSocket=${join(folder, "filer.sock")}`,
    ...[`-s3.port=${port}`, `-s3.port.grpc=${grpc}`, `-s3.config=${join(folder, "identities.json")}`],
    ...["-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0"],
    ...["-admin.ui=false", `-admin.port=${admin}`, `-admin.port.grpc=${adminGrpc}`, "-admin.port.legacy=0"],
    ...[`-s3.localSocket=${join(folder, "s3.sock")}`],
  ];
}

/**
 * Whether the master gives out a place for an object. A master that knows of volumes gives none in the first 15 s after
 * its start, so that those who hold them can come back; reads are served from the beginning.
 */
async function assigns(master: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(2000);
    return (await fetch(`http://127.0.0.1:${master}/dir/assign`, { signal })).ok;
  } catch {
    return false;
  }
}

/** By default the kernel flushes when it likes. The rule is kept by the store: it is good for later starts too. */
async function flushBuckets(filer: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${filer}/etc/seaweedfs/filer.conf`, {
    method: "PUT",
    body: JSON.stringify({ version: 2, locations: [{ locationPrefix: "/buckets/", fsync: true }] }),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Error(`SeaweedFS refused its rule with ${answer.status}: ${await answer.text()}`);
}
