// Where the engines that run on Java find it and their jars, and what both of them tell the virtual machine.
import { globSync } from "node:fs";
import { join, resolve } from "node:path";
import versions from "./engine-versions.json" with { type: "json" };

/** Cassandra 5 runs on 11 and 17 alone, Kafka 4 on 17 and later. */
export function java17(): string | undefined {
  return globSync("/usr/lib/jvm/java-17-openjdk*/bin/java")[0];
}

/** The folder that set-up puts the jars in; a new version gets a new one. */
export function jarsOf(name: "kafka" | "cassandra"): string {
  return installedEngine(`${name}-${versions[name].version}`);
}

export function installedEngine(name: string): string {
  return join(resolve(process.env.MILLRACE_HOME ?? "var"), "tools/engines", name);
}

/**
 * A test's server lives for a minute: the second compiler would take a core from it for all that time, and the
 * collector that works beside it another.
 */
export const shortLived = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.awt.headless=true"];
