// The engines that Millrace grows into, for `npm run test:engines` alone. Each is installed once per version, within its
// time; one that cannot be had is left out, and its tests say so.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest, root, run, say, stepWithin } from "./setup-step.mjs";

const versions = JSON.parse(readFileSync(join(root, "tools/engine-versions.json"), "utf8"));

const jarSeconds = 300;
/** Some 1700 packages: a machine with two processors needs a third of it. */
const buildSeconds = 1800;

const JAVA = [
  {
    name: "kafka",
    label: "Kafka (44 MB of jars)",
    lost: "the event log is not tested on Kafka",
    // Its own pom leaves the choice of a log to its distribution.
    artifacts: [
      ["org.apache.kafka", "kafka_2.13", versions.kafka.version],
      ["org.apache.logging.log4j", "log4j-slf4j-impl", versions.kafka.log4j],
    ],
  },
  {
    name: "cassandra",
    label: "Cassandra (67 MB of jars)",
    lost: "history and bookmarks are not tested on Cassandra",
    artifacts: [["org.apache.cassandra", "cassandra-all", versions.cassandra.version]],
  },
];

export function ensureEngines(toolsDir) {
  const folder = join(toolsDir, "engines");
  mkdirSync(folder, { recursive: true });
  for (const engine of JAVA) ensureJars(folder, engine);
  ensureSeaweed(folder);
}

function ensureJars(folder, { name, label, lost, artifacts }) {
  const { version, jars } = versions[name];
  const target = join(folder, `${name}-${version}`);
  if (existsSync(target)) return;
  const work = fresh(folder, name);
  writeFileSync(join(work, "pom.xml"), pom(artifacts));
  const fetched = join(work, "jars");
  const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${fetched}`];
  const got = stepWithin(
    jarSeconds,
    label,
    "mvn",
    ["--quiet", "--batch-mode", "--strict-checksums", ...copy],
    {
      cwd: work,
    },
  );
  if (got) {
    const found = digestOfAll(fetched);
    if (found === jars) renameSync(fetched, target);
    else say(`${label}: together the jars have the sha256 ${found}, which is not the known one; not taken`);
  }
  rmSync(work, { recursive: true, force: true });
  if (!existsSync(target)) say(`${name} is missing: ${lost}. The next run tries again.`);
}

function pom(artifacts) {
  const rows = artifacts.map(
    ([group, artifact, version]) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`,
  );
  return `<project><modelVersion>4.0.0</modelVersion><groupId>millrace</groupId><artifactId>engine</artifactId>
<version>1</version><packaging>pom</packaging><dependencies>${rows.join("")}</dependencies></project>\n`;
}

/** Of names and contents, in order of name. */
function digestOfAll(folder) {
  const names = readdirSync(folder).sort();
  const list = join(folder, "..", "list");
  writeFileSync(list, names.map((name) => `${digest(join(folder, name))}  ${name}\n`).join(""));
  return digest(list);
}

/**
 * SeaweedFS, the S3 store: built from its source, whose hashes the Go tools check. As a dependency, since its `replace`
 * keeps `go install` from it; `GOVCS` keeps Go to its module proxy.
 */
function ensureSeaweed(folder) {
  const { version, release } = versions.seaweedfs;
  const target = join(folder, `seaweedfs-${version}`);
  if (existsSync(target)) return;
  const label = `SeaweedFS ${release} (built from source: about ten minutes, once)`;
  const found = /go1\.(\d+)/.exec(run("go", ["version"]).stdout ?? "");
  if (found !== null && Number(found[1]) >= 26) {
    const work = fresh(folder, "seaweedfs");
    writeFileSync(join(work, "go.mod"), goModule(version));
    const env = {
      ...process.env,
      CGO_ENABLED: "0",
      GOFLAGS: "-mod=mod -buildvcs=false",
      GOTOOLCHAIN: "local",
      GOVCS: "*:off",
    };
    const build = ["build", "-ldflags=-s -w", "-o", "weed", "github.com/seaweedfs/seaweedfs/weed"];
    if (stepWithin(buildSeconds, label, "nice", ["go", ...build], { cwd: work, env }))
      renameSync(join(work, "weed"), target);
    rmSync(work, { recursive: true, force: true });
  } else say("Go 1.26 or newer is missing, which builds SeaweedFS.");
  if (!existsSync(target)) say("seaweedfs is missing: masters and renditions are not tested on S3.");
}

function goModule(version) {
  return `module millrace.invalid/seaweedfs

go 1.26

require github.com/seaweedfs/seaweedfs ${version}

replace github.com/tyler-smith/go-bip39 => github.com/cosmos/go-bip39 v1.0.0
`;
}

function fresh(folder, name) {
  const work = join(folder, `${name}.new`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  return work;
}
