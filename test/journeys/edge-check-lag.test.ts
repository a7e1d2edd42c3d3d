// LACP for real: two bonds of Debian's kernel, in a machine of software, that talk to each other over virtual cables.
// With UPDATE_GOLDEN=1 what the kernel said is kept as fixtures, for the tests that need no machine.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { told } from "#edge/check.ts";
import { judgeAddresses } from "#edge/check-address.ts";
import { judgeLag } from "#edge/check-lag.ts";
import { siteRequirements as wanted } from "#edge/check-requirements.ts";
import { makeImage } from "./edge-ktls-image.ts";
import { boot, cloudKernel, missingMachine } from "./edge-ktls-machine.ts";
import { type Sections, sectionsOf } from "./edge-ktls-seen.ts";
import { atEnd } from "./edge-rig.ts";

const asked = process.env.MILLRACE_TEST_QEMU === "1";
const skip =
  missingMachine ||
  (asked ? false : "it boots a kernel in a machine of software, for a minute: MILLRACE_TEST_QEMU=1");

/** Ours is bond0 over a0 and a1; the switch's is bond1 over b0 and b1. */
const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /bin /sbin /usr/bin /usr/sbin /proc /sys /dev /tmp /run
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
stty -F /dev/ttyS1 raw -echo
exec >/dev/ttyS1 2>&1
chmod 755 /
ip=/usr/local/bin/ip
tell() { echo "@ $1"; }
show() { tell "$1"; cat /proc/net/bonding/bond0; }
modprobe bonding max_bonds=0
modprobe veth
# made <mode and options of bond0>
made() {
  $ip link add bond0 type bond miimon 100 "$@"
  $ip link add bond1 type bond miimon 100 mode 802.3ad lacp_rate fast
  for n in 0 1; do
    $ip link add a$n type veth peer name b$n
    $ip link set a$n master bond0
    $ip link set b$n master bond1
  done
  $ip link set bond0 up
  $ip link set bond1 up
}
gone() { for link in bond0 bond1 a0 a1; do $ip link del $link; done; }
made mode 802.3ad lacp_rate fast xmit_hash_policy layer3+4
sleep 8
show up
tell reader
/usr/local/bin/setpriv --reuid=65534 --clear-groups cat /proc/net/bonding/bond0
tell addresses
$ip addr add 62.115.0.2/31 dev bond0
$ip addr add 2a02:26f0:1::3/127 dev bond0 nodad
$ip -j addr
$ip link set b1 down
sleep 2
show one-down
gone
made mode 802.3ad lacp_rate slow
$ip link set b0 nomaster
$ip link set b1 nomaster
$ip link set b0 up
$ip link set b1 up
sleep 8
show no-partner
gone
made mode active-backup
sleep 2
show backup
tell kernel
uname -r
echo "@end"
sync
poweroff -f
`;

function keep(sections: Sections): void {
  for (const name of ["up", "reader", "one-down", "no-partner", "backup"])
    writeFileSync(`test/fixtures/check/bond-kernel-${name}.txt`, sections.get(name) ?? "");
}

function lag(sections: Sections, name: string): string {
  const bonds = [{ name: "bond0", text: sections.get(name) ?? "" }];
  const [found] = judgeLag({ uplinks: told(["bond0"]), bonds }, wanted);
  return found === undefined ? "nothing" : `${found.verdict}: ${found.found}`;
}

test("[ED171] [ED175] a LAG of a real kernel is read as it is: up, half down, without a partner, of another mode", {
  skip,
}, async (t) => {
  const kernel = cloudKernel();
  if (kernel === undefined) return t.skip("apt has no linux-image-cloud-amd64");
  const folder = mkdtempSync(join(tmpdir(), "millrace-lag-"));
  atEnd(t, async () => rmSync(folder, { recursive: true, force: true }));
  const drivers = `lib/modules/${kernel.version}/kernel/drivers/net`;
  const copies = ["bonding/bonding.ko", "veth.ko"].map((file) => [
    join(drivers, file),
    join(kernel.root, drivers, file),
  ]);
  const initrd = makeImage(join(folder, "image"), {
    programs: ["/bin/busybox", "/usr/bin/ip", "/usr/bin/setpriv"],
    kernelRoot: kernel.root,
    kernelVersion: kernel.version,
    texts: {},
    copies: {
      ...Object.fromEntries(copies),
      "usr/local/bin/ip": "/usr/bin/ip",
      "usr/local/bin/setpriv": "/usr/bin/setpriv",
    },
    folders: [],
    init,
  });
  const seen = sectionsOf(await boot(t, { kernel: kernel.image, initrd, folder, deadlineMs: 300_000 }));
  if (process.env.UPDATE_GOLDEN === "1") keep(seen);
  t.diagnostic(`kernel ${seen.get("kernel")?.trim()}`);
  assert.match(
    lag(seen, "up"),
    /^holds: 802\.3ad, 2 of 2 ports up at 10 Gbit\/s, aggregator \d+, partner [0-9a-f:]{17}, LACP fast$/,
  );
  assert.match(lag(seen, "reader"), /^cannot-be-told: .* root alone$/);
  assert.match(lag(seen, "one-down"), /^does-not-hold: 1 of 2 ports down: a1/);
  assert.match(lag(seen, "no-partner"), /^does-not-hold: .*no LACP partner answers/);
  assert.match(lag(seen, "backup"), /^does-not-hold: mode is fault-tolerance \(active-backup\)/);
  const addresses = judgeAddresses(told(seen.get("addresses") ?? ""), wanted).map(
    ({ verdict, found }) => `${verdict}: ${found}`,
  );
  assert.deepEqual(addresses, ["holds: 62.115.0.2/31 on bond0", "holds: 2a02:26f0:1::3/127 on bond0"]);
});
