// The servers that Millrace grows into, as tests start them: without containers, from what `npm run test:engines` installs.
import { existsSync } from "node:fs";
import { defaultsOf } from "#config/setting.ts";
import { programSettings } from "#io/settings.ts";
import { findTools } from "#io/tools.ts";
import { type RunningCassandra, startCassandra } from "./engine-cassandra.ts";
import { installedEngine, jarsOf, java17 } from "./engine-java.ts";
import { type RunningKafka, type SecureKafka, startKafka } from "./engine-kafka.ts";
import { type RunningMemcached, startMemcached } from "./engine-memcached.ts";
import type { EngineOptions } from "./engine-process.ts";
import { type RunningS3, startS3 } from "./engine-s3.ts";
import versions from "./engine-versions.json" with { type: "json" };
import { type RunningPostgres, startPostgres } from "./postgres.ts";

export interface Engines {
  readonly kafka: RunningKafka;
  readonly cassandra: RunningCassandra;
  readonly memcached: RunningMemcached;
  readonly s3: RunningS3;
  readonly postgres: RunningPostgres;
}

/** Why there is none, and what would mend it. */
export interface Missing {
  readonly missing: string;
}

type Start<Engine> = (options: EngineOptions) => Promise<Engine | Missing>;

/** How each is started in a folder of its own, with what this machine has. */
export const starts: { readonly [Name in keyof Engines]: Start<Engines[Name]> } = {
  kafka: async (options) => onJava("kafka", (found) => startKafka({ ...options, ...found })),
  cassandra: async (options) => onJava("cassandra", (found) => startCassandra({ ...options, ...found })),
  memcached: async (options) =>
    existsSync("/usr/bin/memcached")
      ? startMemcached(options)
      : { missing: "memcached is missing: apt-get install -y memcached" },
  s3: async (options) => {
    const weed = installedEngine(`seaweedfs-${versions.seaweedfs.version}`);
    return existsSync(weed) ? startS3({ ...options, weed }) : notInstalled("SeaweedFS");
  },
  postgres: async ({ folder, signal = new AbortController().signal }) => {
    const { postgres } = await findTools("var", defaultsOf(programSettings), signal);
    return postgres === undefined
      ? { missing: "PostgreSQL is missing: apt-get install -y postgresql" }
      : startPostgres(folder, postgres, signal);
  },
};

/** One of its own with a listener over TLS that wants a password. */
export function startSecureKafka(
  options: EngineOptions & { readonly secure: SecureKafka },
): Promise<RunningKafka | Missing> {
  return onJava("kafka", (found) => startKafka({ ...options, ...found }));
}

async function onJava<Engine>(
  name: "kafka" | "cassandra",
  start: (found: { readonly java: string; readonly jars: string }) => Promise<Engine>,
): Promise<Engine | Missing> {
  const java = java17();
  if (java === undefined)
    return { missing: "Java 17 is missing: apt-get install -y openjdk-17-jre-headless" };
  const jars = jarsOf(name);
  return existsSync(jars) ? start({ java, jars }) : notInstalled(`${name} ${versions[name].version}`);
}

function notInstalled(name: string): Missing {
  return { missing: `${name} is not installed: npm run test:engines does it, or says why it cannot` };
}
