// An installation on a machine that systemd runs: a systemd of its own, in namespaces, over an overlay of this machine.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { hasProgram, notHere } from "./edge-install-rig.ts";
import { atEnd, until } from "./edge-rig.ts";

const asked = process.env.MILLRACE_TEST_SYSTEMD === "1";
const unified = cgroup2();
const skip =
  notHere ||
  (hasProgram("/lib/systemd/systemd") && hasProgram("/usr/bin/unshare")
    ? false
    : "systemd is not installed") ||
  (unified === undefined ? "no cgroup2 is mounted" : false) ||
  (asked ? false : "it boots a systemd in namespaces, for about half a minute: MILLRACE_TEST_SYSTEMD=1");

function cgroup2(): string | undefined {
  const mounts = existsSync("/proc/mounts") ? readFileSync("/proc/mounts", "utf8") : "";
  return / (\S+) cgroup2 /.exec(mounts)?.[1];
}

/** Runs a script as a service of a systemd of its own; what it printed. */
async function underSystemd(t: TestContext, script: string): Promise<string> {
  const shared = mkdtempSync(join(tmpdir(), "millrace-systemd-"));
  const group = join(unified ?? "", `millrace-test-${process.pid}`);
  mkdirSync(group);
  writeFileSync(join(shared, "inside.sh"), `trap 'touch /mnt/done' EXIT\n${script}`);
  writeFileSync(join(shared, "token"), "the token\n");
  const kinds = ["--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "--cgroup", "--kill-child"];
  const boot = `echo $$ > ${group}/cgroup.procs && exec unshare ${kinds.join(" ")} --propagation private bash ${resolve("test/fixtures/systemd-in-namespaces.sh")} ${shared}`;
  const child = spawn("bash", ["-c", boot], { stdio: "ignore" });
  const ended = new Promise((gone) => child.once("exit", gone));
  atEnd(t, async () => {
    child.kill("SIGKILL");
    await ended;
    await until("its processes are gone", () => isRemoved(group), 20_000);
    rmSync(shared, { recursive: true, force: true });
  });
  await until("the script has ended", () => existsSync(join(shared, "done")), 120_000);
  return `${readFileSync(join(shared, "out"), "utf8")}${readFileSync(join(shared, "err"), "utf8")}`;
}

/** A group can be removed once the last process in it is gone. */
function isRemoved(group: string): boolean {
  try {
    for (const below of groupsBelow(group)) rmdirSync(below);
    return true;
  } catch (error) {
    // Busy, or one of them went while it was looked at.
    if (error instanceof Error && "code" in error && ["EBUSY", "ENOENT"].includes(`${error.code}`))
      return false;
    throw error;
  }
}

/** Inner ones first, as they have to be removed. */
function groupsBelow(group: string): readonly string[] {
  const inner = readdirSync(group, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  return [...inner.sort().reverse(), group];
}

const control = `import { createServer } from "node:http";
createServer((asked, answer) => {
  asked.resume();
  asked.on("end", () => answer.end('{"desired":null,"reportIntervalMs":300}'));
}).listen(9000, "127.0.0.1");`;

const script = `
cd ${process.cwd()}
echo '${control}' > /mnt/control.mjs
${process.execPath} /mnt/control.mjs & control=$!
install() { ./millrace appliance install --id box --control http://127.0.0.1:9000 --listen 0.0.0.0:80 --advertise http://127.0.0.1 --budget 100M "$@"; }
master() { pgrep -f 'nginx: master.*/var/lib/millrace/nginx' || echo none; }
agent() { systemctl show -p MainPID --value millrace-appliance; }
code() { curl -so /dev/null -w '%{http_code}' http://127.0.0.1/; }
# $1: how an agent's words begin that are waited for, after the first $2 of them.
await() { for i in $(seq 100); do [ "$(journalctl -u millrace-appliance -o cat --no-pager | grep -c "$1")" -gt "$2" ] && return; sleep 0.2; done; echo "waited for: $1"; }
install --token-file /mnt/token; echo "installed $?"
await 'appliance is up' 0
echo "debian-nginx $(systemctl is-enabled nginx) $(systemctl is-active nginx)"
echo "code $(code)"; first=$(master); echo "user $(ps -o user= -p $(agent)) $(ps -o user= -p $first)"
install | tail -1
kill -9 $(agent); await 'appliance is up' 1
[ "$(master)" = "$first" ] && echo "killed: nginx stayed"; echo "code $(code)"
echo '# edited' >> /etc/millrace/appliance.env; install --stop-grace 20 > /mnt/conflict 2>&1; echo "conflict $?"
await 'appliance is up' 2
[ "$(master)" = "$first" ] && echo "replaced: nginx stayed"; echo "killed agents: $(journalctl -u millrace-appliance --no-pager | grep -c 'status=9/KILL')"; echo "timeout $(systemctl show -p TimeoutStopUSec --value millrace-appliance)"
nsenter -t $(agent) -m sh -c 'touch /etc/x 2>/dev/null || echo "etc is closed"; touch /var/lib/millrace/x && echo "its folder is open"'
systemctl stop millrace-appliance; echo "stopped: $(master)"
systemctl start millrace-appliance; await 'appliance is up' 3
/opt/millrace/current/millrace appliance uninstall --purge; echo "purged $?: $(master) $(ls -d /etc/millrace /opt/millrace /etc/systemd/system/millrace-* 2>/dev/null) $(grep -c ^millrace: /etc/passwd)"
kill $control
`;

test("[ED91] [ED92] [ED95] [ED96] [ED98] [ED103] [ED105] under systemd: nginx outlives its agent, and nothing is left at the end", {
  skip,
}, async (t) => {
  const out = await underSystemd(t, script);
  const expected = [
    "installed 0",
    ...(existsSync("/lib/systemd/system/nginx.service") ? ["debian-nginx disabled inactive"] : []),
    "code 403",
    "user millrace millrace",
    "Nothing to do.",
    "killed: nginx stayed",
    "code 403",
    "conflict 1",
    "replaced: nginx stayed",
    "killed agents: 1",
    "timeout 50s",
    "etc is closed",
    "its folder is open",
    "stopped: none",
    "purged 0: none  0",
  ];
  let from = 0;
  for (const line of expected) {
    const at = out.indexOf(`${line}\n`, from);
    assert.ok(at >= 0, `"${line}" was expected next in:\n${out}`);
    from = at + 1;
  }
});
