// Apache Cassandra of one node. Its jar brings no settings: what its distribution has in conf/ and its start script
// is here, as far as one node needs it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { shortLived } from "./engine-java.ts";
import { type EngineOptions, freePorts, listens, type RunningEngine, startEngine } from "./engine-process.ts";

export interface RunningCassandra extends RunningEngine {
  /** For `contactPoints`, with `localDataCenter` beside it. */
  readonly contactPoints: string[];
  readonly localDataCenter: string;
}

export interface CassandraOptions extends EngineOptions {
  readonly java: string;
  /** The folder of its jars. */
  readonly jars: string;
}

const startMs = 180_000;

/** A keyspace is the caller's to make: `SimpleStrategy` with a replication factor of 1. */
export async function startCassandra(options: CassandraOptions): Promise<RunningCassandra> {
  const { folder, java, jars, signal } = options;
  const [port = 0, storage = 0] = await freePorts(2);
  const engine = await startEngine(options, async () => {
    await writeFile(join(folder, "cassandra.yaml"), settings(folder, port, storage));
    await writeFile(join(folder, "logback.xml"), logback);
    return {
      name: "Cassandra",
      folder,
      command: java,
      argv: javaArguments(folder, jars),
      signal,
      startMs,
      isReady: () => listens(port),
    };
  });
  return Object.assign(engine, { contactPoints: [`127.0.0.1:${port}`], localDataCenter: "datacenter1" });
}

/** JSON is YAML. */
function settings(folder: string, port: number, storage: number): string {
  const data = join(folder, "data");
  return JSON.stringify({
    cluster_name: "millrace",
    num_tokens: 1,
    partitioner: "org.apache.cassandra.dht.Murmur3Partitioner",
    data_file_directories: [join(data, "data")],
    commitlog_directory: join(data, "commitlog"),
    saved_caches_directory: join(data, "saved_caches"),
    hints_directory: join(data, "hints"),
    cdc_raw_directory: join(data, "cdc_raw"),
    // The default acknowledges first and flushes ten seconds later.
    commitlog_sync: "group",
    commitlog_sync_group_window: "2ms",
    listen_address: "127.0.0.1",
    rpc_address: "127.0.0.1",
    storage_port: storage,
    native_transport_port: port,
    endpoint_snitch: "SimpleSnitch",
    seed_provider: [
      {
        class_name: "org.apache.cassandra.locator.SimpleSeedProvider",
        parameters: [{ seeds: `127.0.0.1:${storage}` }],
      },
    ],
    concurrent_reads: 8,
    concurrent_writes: 16,
    memtable_heap_space: "128MiB",
    memtable_offheap_space: "128MiB",
    file_cache_size: "64MiB",
    networking_cache_size: "32MiB",
    commitlog_total_space: "256MiB",
    auto_snapshot: false,
    authenticator: "AllowAllAuthenticator",
  });
}

const logback = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %logger{0} %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="OUT"/></root>
</configuration>
`;

function javaArguments(folder: string, jars: string): string[] {
  return [
    ...shortLived,
    ...["-Xms1g", "-Xmx1g", "-XX:MaxDirectMemorySize=512m", "-Xss512k", "-XX:+PerfDisableSharedMem"],
    `-javaagent:${join(jars, "jamm-0.4.0.jar")}`,
    ...exported.flatMap((module) => ["--add-exports", `${module}=ALL-UNNAMED`]),
    ...opened.flatMap((module) => ["--add-opens", `${module}=ALL-UNNAMED`]),
    "-Djdk.attach.allowAttachSelf=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    `-Dcassandra.config=${pathToFileURL(join(folder, "cassandra.yaml")).href}`,
    `-Dcassandra.storagedir=${join(folder, "data")}`,
    `-Dcassandra.logdir=${folder}`,
    `-Dlogback.configurationFile=${join(folder, "logback.xml")}`,
    "-Dcassandra-foreground=yes",
    // There is no other node to wait for.
    "-Dcassandra.ring_delay_ms=1",
    "-Dcassandra.skip_wait_for_gossip_to_settle=0",
    ...["-cp", `${jars}/*`, "org.apache.cassandra.service.CassandraDaemon"],
  ];
}

/** Source: conf/jvm17-server.options of Cassandra 5.0. */
const exported = [
  "java.base/jdk.internal.misc",
  "java.management.rmi/com.sun.jmx.remote.internal.rmi",
  "java.rmi/sun.rmi.registry",
  "java.rmi/sun.rmi.server",
  "java.sql/java.sql",
  "java.base/java.lang.ref",
  "jdk.unsupported/sun.misc",
  "jdk.compiler/com.sun.tools.javac.file",
  "jdk.attach/sun.tools.attach",
];

const opened = [
  "java.base/java.lang.module",
  "java.base/jdk.internal.loader",
  "java.base/jdk.internal.ref",
  "java.base/jdk.internal.reflect",
  "java.base/jdk.internal.math",
  "java.base/jdk.internal.module",
  "java.base/jdk.internal.util.jar",
  "jdk.management/com.sun.management.internal",
  "java.base/sun.nio.ch",
  "java.base/java.io",
  "java.base/java.lang.reflect",
  "jdk.compiler/com.sun.tools.javac",
  "java.base/java.lang",
  "java.base/java.util",
];
