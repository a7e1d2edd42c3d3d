// What serves: nginx and its module, TLS in the kernel, open files, the kernel's settings.
import type { CheckFinding } from "#model/site-check.ts";
import { cannotTell, holds, holdsNot, printable, type Question, type Told } from "./check.ts";
import type { Requirements } from "./check-requirements.ts";
import type { KernelSetting } from "./install-kernel.ts";
import type { KernelTls } from "./kernel-tls.ts";
import { fileLimits } from "./proc-text.ts";

export interface SoftwareFacts {
  /** What `nginx -V` prints. */
  readonly nginx: Told<string>;
  /** Folder of the set_misc module; undefined without it. */
  readonly setMisc: string | undefined;
  readonly kernelTls: Told<KernelTls>;
  /** /proc/PID/limits of the agent, or of this process where no agent runs. */
  readonly limits: Told<{ readonly agent: string | undefined; readonly text: string }>;
  /** By name; absent where the kernel has no such setting. */
  readonly sysctl: Told<ReadonlyMap<string, string>>;
}

export function judgeSoftware(
  facts: SoftwareFacts,
  settings: readonly KernelSetting[],
  wanted: Requirements,
): readonly CheckFinding[] {
  return [
    judgeNginx(facts.nginx),
    judgeSetMisc(facts),
    judgeKernelTls(facts.kernelTls),
    judgeLimits(facts.limits, wanted),
    judgeSysctl(facts.sysctl, settings),
  ];
}

function judgeNginx(build: Told<string>): CheckFinding {
  const question: Question = {
    what: "nginx",
    weight: "required",
    wanted: "1.21.4 or newer, with TLS and HTTP/2",
  };
  if (build.kind === "untold") return cannotTell(question, build.because, build.mend);
  const [, major, minor, patch] =
    /nginx version: \S*\/(\d{1,4})\.(\d{1,4})\.(\d{1,4})/.exec(build.value) ?? [];
  if (patch === undefined)
    return cannotTell(question, "nginx does not name its version", "Look at: nginx -V");
  const version = `${major}.${minor}.${patch}`;
  const [a, b, c] = [Number(major), Number(minor), Number(patch)];
  const isNew = a > 1 || (a === 1 && (b > 21 || (b === 21 && c >= 4)));
  const missing = ["http_ssl_module", "http_v2_module"].filter(
    (name) => !build.value.includes(`--with-${name}`),
  );
  const mend = "apt-get install nginx-light libnginx-mod-http-set-misc, of Debian 12 or newer";
  if (!isNew) return holdsNot(question, version, mend);
  if (missing.length > 0) return holdsNot(question, `${version} without ${missing.join(", ")}`, mend);
  return holds(question, version);
}

function judgeSetMisc({ nginx, setMisc }: SoftwareFacts): CheckFinding {
  const question: Question = {
    what: "nginx set_misc",
    weight: "advised",
    wanted: "there, so that paths are signed with HMAC-SHA256",
  };
  const mend = "apt-get install libnginx-mod-http-set-misc";
  if (nginx.kind === "untold") return cannotTell(question, nginx.because, mend);
  return setMisc === undefined
    ? holdsNot(question, "not there: the weaker MD5 envelope", mend)
    : holds(question, "there");
}

function judgeKernelTls(tls: Told<KernelTls>): CheckFinding {
  const question: Question = {
    what: "kernel TLS",
    weight: "required",
    wanted: "the kernel encrypts what nginx sends",
  };
  if (tls.kind === "untold") return cannotTell(question, tls.because, tls.mend);
  if (tls.value.kind === "kernel") return holds(question, "offered by the kernel, nginx and OpenSSL");
  return holdsNot(
    question,
    tls.value.because,
    "modprobe tls, and a line tls in /etc/modules-load.d/millrace.conf",
  );
}

function judgeLimits(limits: SoftwareFacts["limits"], { openFiles }: Requirements): CheckFinding {
  const question: Question = {
    what: "open files",
    weight: "required",
    wanted: `${openFiles} or more per process`,
  };
  if (limits.kind === "untold") return cannotTell(question, limits.because, limits.mend);
  const { agent, text } = limits.value;
  const found = fileLimits(text);
  if (found === undefined) return cannotTell(question, "the kernel does not say", "Look at: ulimit -Hn");
  const { hard } = found;
  const number = hard === Number.MAX_SAFE_INTEGER ? "unlimited" : `${hard}`;
  if (agent === undefined && hard < openFiles) {
    return cannotTell(question, `no agent runs; ${number} in this shell`, "Check again while the agent runs");
  }
  const words = `${number} (${agent === undefined ? "this shell" : `agent, pid ${agent}`})`;
  return hard >= openFiles
    ? holds(question, words)
    : holdsNot(question, words, `LimitNOFILE=${openFiles} in the unit`);
}

/** Of these more is as good. */
const floors = ["net.core.somaxconn", "net.ipv4.tcp_wmem", "net.ipv4.tcp_rmem"];

function judgeSysctl(sysctl: SoftwareFacts["sysctl"], settings: readonly KernelSetting[]): CheckFinding {
  const question: Question = {
    what: "kernel settings",
    weight: "advised",
    wanted: `the ${settings.length} that millrace appliance install writes`,
  };
  if (sysctl.kind === "untold") return cannotTell(question, sysctl.because, sysctl.mend);
  const others = settings.flatMap(({ name, value }) => {
    const now = sysctl.value.get(name);
    if (now === undefined) return [`${name} is not there`];
    return isAsWanted(name, now, value)
      ? []
      : [`${name} is ${printable(now.replace(/\s+/g, " "), 40)}, not ${value}`];
  });
  if (others.length === 0) return holds(question, `all ${settings.length}`);
  const found = `${settings.length - others.length} of ${settings.length}: ${others.join("; ")}`;
  return holdsNot(question, found, "sysctl --system, or millrace appliance install");
}

function isAsWanted(name: string, now: string, wanted: string): boolean {
  const [found, goal] = [now, wanted].map((text) => text.trim().split(/\s+/));
  if (found === undefined || goal === undefined || found.length !== goal.length) return false;
  if (!floors.includes(name)) return found.every((word, i) => word === goal[i]);
  return found.every((word, i) => Number(word) >= Number(goal[i]));
}
