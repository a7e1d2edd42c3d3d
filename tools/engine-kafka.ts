// Apache Kafka of one node, broker and controller in one process (KRaft).
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { shortLived } from "./engine-java.ts";
import { type EngineOptions, freePorts, type RunningEngine, startEngine } from "./engine-process.ts";

export interface RunningKafka extends RunningEngine {
  /** For `bootstrapBrokers`. */
  readonly brokers: string[];
  /** Of its topics' files, for tests that damage them: "<topic>-<partition>/". */
  readonly data: string;
}

export interface KafkaOptions extends EngineOptions {
  readonly java: string;
  /** The folder of its jars. */
  readonly jars: string;
}

const startMs = 120_000;
const cluster = "bWlsbHJhY2UtZW5naW5lcw";

/**
 * Topics are the caller's to make. One that must hold every acknowledged event through the death of the machine, and
 * not only of the broker, wants `flush.messages=1`: by default Kafka leaves flushing to the kernel and to replicas.
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const { folder, java, jars, signal } = options;
  const [port = 0, controller = 0] = await freePorts(2);
  const classPath = ["-cp", `${jars}/*`];
  const settings = join(folder, "server.properties");
  const engine = await startEngine(options, async () => {
    await writeFile(settings, properties(folder, port, controller));
    const format = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", settings];
    await promisify(execFile)(java, [...shortLived, ...classPath, ...format], { timeout: startMs, signal });
    return {
      name: "Kafka",
      folder,
      command: java,
      argv: [
        ...shortLived,
        "-Xms512m",
        "-Xmx512m",
        "-Dlog4j2.level=INFO",
        ...classPath,
        "kafka.Kafka",
        settings,
      ],
      signal,
      startMs,
      isReady: (log) => log.includes("Kafka Server started"),
    };
  });
  return Object.assign(engine, { brokers: [`127.0.0.1:${port}`], data: join(folder, "data") });
}

function properties(folder: string, port: number, controller: number): string {
  const rows = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "log.dirs": join(folder, "data"),
    "log.segment.bytes": 64 << 20,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "auto.create.topics.enable": false,
    "group.initial.rebalance.delay.ms": 0,
    // After a kill the controller takes the broker back only when its old session is over: nine seconds otherwise.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    // Kafka's own topics have three replicas and fifty partitions unless told otherwise.
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 4,
  };
  return Object.entries(rows)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
