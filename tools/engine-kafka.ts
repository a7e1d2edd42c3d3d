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
  /** Of the listener over TLS that wants a password; where it was asked for. */
  readonly secureBrokers: string[];
  /** Of its topics' files, for tests that damage them: "<topic>-<partition>/". */
  readonly data: string;
}

export interface KafkaOptions extends EngineOptions {
  readonly java: string;
  /** The folder of its jars. */
  readonly jars: string;
  /** A second listener, over TLS, with SASL/PLAIN and SCRAM-SHA-512. */
  readonly secure?: SecureKafka | undefined;
}

export interface SecureKafka {
  /** Private key and certificates in one file, as PEM. */
  readonly keyFile: string;
  readonly username: string;
  readonly password: string;
}

const startMs = 120_000;
const cluster = "bWlsbHJhY2UtZW5naW5lcw";

/**
 * Topics are the caller's to make. One that must hold every acknowledged event through the death of the machine, and
 * not only of the broker, wants `flush.messages=1`: by default Kafka leaves flushing to the kernel and to replicas.
 */
export async function startKafka(options: KafkaOptions): Promise<RunningKafka> {
  const { folder, java, jars, signal, secure } = options;
  const [port = 0, controller = 0, securePort = 0] = await freePorts(3);
  const classPath = ["-cp", `${jars}/*`];
  const settings = join(folder, "server.properties");
  const engine = await startEngine(options, async () => {
    const secured = secure === undefined ? {} : secureRows(secure, { port, controller, securePort });
    await writeFile(settings, properties({ ...rowsOf(folder, port, controller), ...secured }));
    const scram =
      secure === undefined
        ? []
        : ["--add-scram", `SCRAM-SHA-512=[name=${secure.username},password=${secure.password}]`];
    const format = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", settings, ...scram];
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
  const [brokers, secureBrokers] = [[`127.0.0.1:${port}`], [`127.0.0.1:${securePort}`]];
  return Object.assign(engine, { brokers, secureBrokers, data: join(folder, "data") });
}

type Rows = Readonly<Record<string, string | number | boolean>>;

function secureRows(
  { keyFile, username, password }: SecureKafka,
  { port, controller, securePort }: Readonly<Record<"port" | "controller" | "securePort", number>>,
): Rows {
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule";
  return {
    listeners: `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SECURE://127.0.0.1:${securePort}`,
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.secure.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
    "listener.name.secure.plain.sasl.jaas.config": `${plain} required user_${username}="${password}";`,
    "listener.name.secure.scram-sha-512.sasl.jaas.config": `${scram} required;`,
    "listener.name.secure.ssl.keystore.type": "PEM",
    "listener.name.secure.ssl.keystore.location": keyFile,
  };
}

function rowsOf(folder: string, port: number, controller: number): Rows {
  return {
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
}

function properties(rows: Rows): string {
  return Object.entries(rows)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
