import assert from "node:assert/strict";
import { test } from "node:test";
import { after, edited, freshDebian, order, type Plan, withRecord } from "#test/fixtures/install-facts.ts";
import type { MachineFacts } from "./install-machine.ts";
import type { InstallOrder } from "./install-order.ts";
import { installPaths } from "./install-paths.ts";
import { planInstall, type TokenState } from "./install-plan.ts";
import { isDone, type Step } from "./install-steps.ts";

function planned(facts: MachineFacts, change: Partial<InstallOrder> = {}, token: TokenState = "new"): Plan {
  const plan = planInstall({ ...order, ...change }, facts, token);
  if (plan.kind === "refused") throw new Error(plan.complaints.join("\n"));
  return plan;
}

function refusals(facts: Partial<MachineFacts>, change: Partial<InstallOrder> = {}): readonly string[] {
  const plan = planInstall({ ...order, ...change }, { ...freshDebian, ...facts }, "new");
  return plan.kind === "refused" ? plan.complaints : [];
}

const steps = ({ writes, tells }: Plan): readonly Step[] => [...writes, ...tells];
const due = (plan: Plan): readonly string[] =>
  steps(plan)
    .filter((step) => !isDone(step))
    .map(({ does, what }) => `${does} ${what}`);
const stepAt = (plan: Plan, path: string): Step | undefined =>
  steps(plan).find(({ action }) => "path" in action && action.path === path);

const installed = after(freshDebian, planned(freshDebian));

test("[ED90] a fresh machine: users before folders, files before systemd is told, the agent last", () => {
  assert.deepEqual(due(planned(freshDebian)), [
    "run user millrace",
    "create /srv/millrace/",
    "create /etc/millrace/",
    "create /opt/millrace/",
    "create /opt/millrace/0.1.0-aaaaaaaaaaaa/",
    "create /opt/millrace/current → 0.1.0-aaaaaaaaaaaa",
    `create ${installPaths.token}`,
    `create ${installPaths.environment}`,
    `create ${installPaths.sysctl}`,
    `create ${installPaths.firewall}`,
    `create ${installPaths.firewallUnit}`,
    `create ${installPaths.agentUnit}`,
    `create ${installPaths.agentWanted} → ${installPaths.agentUnit}`,
    "run systemctl disable --now nginx.service",
    `run /lib/systemd/systemd-sysctl ${installPaths.sysctl}`,
    "run systemctl daemon-reload",
    "run systemctl start millrace-appliance.service",
  ]);
});

test("[ED90] the user is a system user without a login, and joins a group that is there", () => {
  const argv = (facts: MachineFacts, change: Partial<InstallOrder> = {}): string => {
    const action = steps(planned(facts, change))[0]?.action;
    return action?.kind === "run" ? action.argv.join(" ") : "";
  };
  assert.equal(
    argv(freshDebian),
    "useradd --system --user-group --no-create-home --home-dir /srv/millrace --shell /usr/sbin/nologin --comment Millrace appliance millrace",
  );
  assert.match(argv({ ...freshDebian, hasGroup: true }), / --gid millrace /);
  assert.match(argv(freshDebian, { root: "/image" }), /^useradd --prefix \/image /);
});

test("[ED91] a second run finds nothing to do", () => {
  assert.deepEqual(due(planned(installed, {}, "kept")), []);
  assert.deepEqual(due(planned(installed, {}, "same")), []);
});

test("[ED91] a run that ended before systemd was told is completed by the next", () => {
  const cut = withRecord(installed, { isTold: false });
  assert.deepEqual(due(planned(cut, {}, "kept")), [
    `run /lib/systemd/systemd-sysctl ${installPaths.sysctl}`,
    "run systemctl daemon-reload",
    "run a new agent",
  ]);
  const unremembered: MachineFacts = { ...installed, record: undefined, isServing: false };
  assert.deepEqual(due(planned(unremembered, {}, "kept")).slice(-2), [
    "run systemctl daemon-reload",
    "run systemctl start millrace-appliance.service",
  ]);
});

test("[ED91] another option changes what hangs on it, and puts a new agent in the old one's place", () => {
  assert.deepEqual(due(planned(installed, { stopGraceSeconds: 60 }, "kept")), [
    `change ${installPaths.environment}`,
    `change ${installPaths.agentUnit}`,
    "run systemctl daemon-reload",
    "run a new agent",
  ]);
});

test("[ED105] the old agent is asked to hand over, not killed", () => {
  const step = planned(installed, { stopGraceSeconds: 60 }, "kept").tells.at(-1);
  assert.deepEqual(step?.action, { kind: "hand-over", service: "millrace-appliance.service" });
});

test("[ED92] an edited file is kept; it is a conflict only when there is something new to write", () => {
  const mine = edited(installed, installPaths.environment, "MILLRACE_LOG_LEVEL=debug\n");
  assert.deepEqual(due(planned(mine, {}, "kept")), []);
  assert.equal(stepAt(planned(mine, {}, "kept"), installPaths.environment)?.does, "keep");
  const conflict = planned(mine, { stopGraceSeconds: 60 }, "kept");
  assert.equal(stepAt(conflict, installPaths.environment)?.does, "conflict");
  assert.equal(stepAt(conflict, installPaths.agentUnit)?.does, "change");
  assert.equal(
    conflict.record.files[installPaths.environment],
    installed.record?.files[installPaths.environment],
    "what was not written is not remembered as written",
  );
});

test("[ED92] --force replaces an edited file and keeps the old one", () => {
  const mine = edited(installed, installPaths.sysctl, "vm.swappiness = 1\n");
  const step = stepAt(planned(mine, { edited: "replace" }, "kept"), installPaths.sysctl);
  assert.equal(step?.does, "change");
  assert.ok(step?.action.kind === "file" && step.action.keepsOld);
});

test("[ED92] a file of the same name that Millrace did not write is a conflict; what is no file always is", () => {
  const theirs = edited(freshDebian, installPaths.sysctl, "# theirs\n");
  assert.match(stepAt(planned(theirs), installPaths.sysctl)?.because ?? "", /^not written by Millrace: kept/);
  const folder: MachineFacts = {
    ...freshDebian,
    found: new Map([[installPaths.sysctl, { kind: "folder", mode: 0o755, uid: 0 }]]),
  };
  assert.equal(stepAt(planned(folder, { edited: "replace" }), installPaths.sysctl)?.does, "conflict");
});

const unfit: readonly (readonly [string, Partial<MachineFacts>, RegExp, Partial<InstallOrder>?])[] = [
  [
    "another distribution",
    { distribution: { id: "fedora", version: "40" } },
    /^Debian 12 or newer .*fedora 40/,
  ],
  ["an older Debian", { distribution: { id: "debian", version: "11" } }, /found debian 11/],
  ["a root without os-release", { distribution: undefined }, /found no os-release/],
  ["no systemd", { hasSystemd: false, systemdRuns: false }, /apt-get install systemd$/],
  ["a container without a running systemd", { systemdRuns: false }, /use --root/],
  ["no nginx", { hasNginx: false }, /apt-get install nginx-light/],
  ["no packages", { release: { ...freshDebian.release, node: undefined } }, /found none. Run npm ci/],
  ["an old Node", { release: { ...freshDebian.release, node: "22.1.0" } }, /found 22.1.0/],
  [
    "too little room",
    { disk: { ...freshDebian.disk, freeBytes: 9e11 } },
    /has free, 900.0 GB; found 1000.0 GB/,
  ],
  [
    "a budget that is larger than the disk",
    {
      disk: { ...freshDebian.disk, totalBytes: 5e11, freeBytes: 1e9, holdsMedia: true, uid: 997 },
      user: { uid: 997, gid: 997 },
    },
    /holds, 500.0 GB/,
  ],
  [
    "no budget on the system's disk",
    { disk: { ...freshDebian.disk, isSystemDisk: true } },
    /^--budget: wanted, since/,
    { budget: undefined },
  ],
  [
    "no budget on a disk that is nearly full of other things",
    { disk: { ...freshDebian.disk, freeBytes: 3.5e12 } },
    /^--budget: wanted, since nine tenths .* are 3600\.0 GB, and only 3500\.0 GB are free\.$/,
    { budget: undefined },
  ],
  ["a user that is root by another name", { user: { uid: 0, gid: 0 } }, /uid 0/],
  [
    "media of somebody else",
    { disk: { ...freshDebian.disk, holdsMedia: true, uid: 33 }, user: { uid: 997, gid: 997 } },
    /belong to uid 33, not to millrace. Hand them over/,
  ],
  ["a folder that is a file", { found: new Map([["/srv/millrace", { kind: "other" }]]) }, /is no folder/],
  [
    "a taken port",
    { portHolders: new Map([[80, "apache2 (pid 812)"]]) },
    /^Port 80 is in use by apache2 \(pid 812\)/,
  ],
  [
    "a taken port for TLS",
    { portHolders: new Map([[443, "apache2 (pid 812)"]]) },
    /^Port 443 is in use .* with --tls-listen\.$/,
  ],
  ["a root with a link on the way", { links: ["/srv"] }, /^--root: \/srv is a symbolic link there/],
  ["a certificate that is not there", { missing: ["/etc/ssl/box.pem"] }, /\/etc\/ssl\/box\.pem is not there/],
  ["a firewall without nft", { hasNft: false }, /apt-get install nftables/, { firewall: "enabled" }],
  [
    "a machine that is another appliance",
    {
      record: {
        id: "box-9",
        user: "m",
        dir: "/srv/m",
        prefix: "/opt/m",
        isTold: true,
        switchedOffNginx: false,
        files: {},
      },
    },
    /already appliance box-9/,
  ],
];

for (const [what, facts, complaint, change] of unfit) {
  test(`[ED93] refused: ${what}`, () => {
    const complaints = refusals(facts, change);
    assert.equal(complaints.length, 1, complaints.join("\n"));
    assert.match(complaints[0] ?? "", complaint);
  });
}

test("[ED93] all reasons are told at once, a missing token among them; testing and newer Debians are taken", () => {
  const plan = planInstall(order, { ...freshDebian, hasNginx: false, hasSystemd: false }, "missing");
  assert.equal(plan.kind === "refused" ? plan.complaints.length : 0, 3);
  assert.deepEqual(refusals({ distribution: { id: "debian", version: "" } }), []);
  assert.deepEqual(refusals({ distribution: { id: "debian", version: "13" } }), []);
});

test("[ED93] without a budget it is nine tenths of the disk, however full of our media that is", () => {
  const budget = (freeBytes: number): string => {
    const disk = { ...installed.disk, freeBytes };
    const plan = planned({ ...installed, disk }, { budget: undefined });
    return /--budget (\d+)/.exec(plan.record.files[installPaths.agentUnit] ?? "")?.[1] ?? "";
  };
  assert.deepEqual([budget(3.9e12), budget(1)], ["3600000000000", "3600000000000"]);
});

test("[ED94] the plan knows of the token only what has to be done with it", () => {
  const step = stepAt(planned(freshDebian), installPaths.token);
  assert.deepEqual(step?.action, {
    kind: "secret",
    path: installPaths.token,
    mode: 0o600,
    owner: "appliance",
  });
  assert.ok(!(installPaths.token in planned(freshDebian).record.files));
});

test("[ED97] an upgrade is a copy, a link and a new agent; the release before stays, older ones go", () => {
  const next = {
    ...installed.release,
    name: "0.2.0-bbbbbbbbbbbb",
    present: ["0.1.0-aaaaaaaaaaaa", "0.0.9-999999999999"],
  };
  const upgrade = planned({ ...installed, release: next }, {}, "kept");
  assert.deepEqual(due(upgrade), [
    "create /opt/millrace/0.2.0-bbbbbbbbbbbb/",
    "change /opt/millrace/current → 0.2.0-bbbbbbbbbbbb",
    "run a new agent",
    "remove /opt/millrace/0.0.9-999999999999/",
  ]);
  const upgraded = after({ ...installed, release: { ...next, present: ["0.1.0-aaaaaaaaaaaa"] } }, upgrade);
  assert.deepEqual(due(planned(upgraded, {}, "kept")), []);
});

test("[ED98] nginx.service is left alone when it serves something, when it is off, and when that is asked for", () => {
  const touches = (plan: Plan): boolean => due(plan).some((step) => step.includes("nginx.service"));
  const serves = planned({
    ...freshDebian,
    debianNginx: { kind: "serves", what: "/etc/nginx/conf.d/shop.conf" },
  });
  assert.ok(!touches(serves));
  assert.ok(serves.notes.some((note) => note.includes("/etc/nginx/conf.d/shop.conf")));
  assert.ok(!touches(planned({ ...freshDebian, debianNginx: { kind: "off" } })));
  assert.ok(!touches(planned({ ...freshDebian, debianNginx: { kind: "absent" } })));
  assert.ok(!touches(planned(freshDebian, { debianNginx: "keep" })));
  assert.ok(touches(planned(freshDebian)));
});

test("[ED101] the firewall is switched on only when asked, and only after all of it was read", () => {
  const runs = (plan: Plan): readonly string[] =>
    due(plan).filter(
      (step) =>
        /nft |firewall.service/.test(step) &&
        !step.startsWith("create /etc/systemd/system/millrace-firewall.service"),
    );
  assert.deepEqual(runs(planned(freshDebian)), []);
  assert.deepEqual(runs(planned(freshDebian, { firewall: "enabled" })), [
    `create ${installPaths.firewallWanted} → ${installPaths.firewallUnit}`,
    `run /usr/sbin/nft --check --file ${installPaths.firewall}`,
    "run systemctl start millrace-firewall.service",
  ]);
});

test("[ED108] TLS reaches firewall, capability and settings; set by hand it is told that they do not know of it", () => {
  const tls = {
    listen: { host: "0.0.0.0", port: 443 },
    certificate: "/etc/ssl/box.pem",
    key: "/etc/ssl/box.key",
  };
  const { files } = planned(freshDebian, { listen: { host: "0.0.0.0", port: 8080 }, tls }).record;
  const firewall = files[installPaths.firewall] ?? "";
  for (const rule of [
    "dport { 8080, 443 } notrack",
    "sport { 8080, 443 } notrack",
    "dport { 8080, 443 } accept",
  ]) {
    assert.ok(firewall.includes(`    tcp ${rule}\n`), rule);
  }
  assert.match(files[installPaths.agentUnit] ?? "", /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
  const environment = files[installPaths.environment] ?? "";
  for (const line of ["LISTEN=0.0.0.0:443", "CERTIFICATE=/etc/ssl/box.pem", "KEY=/etc/ssl/box.key"]) {
    assert.ok(environment.includes(`\nMILLRACE_EDGE_TLS_${line}\n`), line);
  }
  const byHand = edited(installed, installPaths.environment, "MILLRACE_EDGE_TLS_LISTEN=0.0.0.0:443\n");
  assert.ok(planned(byHand, {}, "kept").notes.some((note) => /was set by hand/.test(note)));
  assert.ok(!planned(installed, {}, "kept").notes.some((note) => /was set by hand/.test(note)));
});

test("[ED106] a port of ssh that was open once stays open, found again or not; only --ssh-ports closes it", () => {
  const atPort = after(freshDebian, planned({ ...freshDebian, sshPorts: [22, 2222] }));
  const open = (facts: MachineFacts, change: Partial<InstallOrder> = {}): string =>
    /ssh first:.*\n.*dport \{ (.*) \}/.exec(
      planned(facts, change, "kept").record.files[installPaths.firewall] ?? "",
    )?.[1] ?? "";
  const fromConsole: MachineFacts = { ...atPort, sshPorts: [22] };
  assert.equal(open(fromConsole), "22, 2222");
  assert.equal(open(withRecord(fromConsole, { sshPorts: undefined })), "22, 2222", "a record of before");
  assert.equal(open({ ...fromConsole, sshPorts: [22, 2223] }), "22, 2222, 2223");
  assert.equal(open(fromConsole, { sshPorts: [22] }), "22");
  const note = /ssh seems to listen at 2223 too/;
  assert.match(planned({ ...atPort, sshPorts: [22, 2223] }, { sshPorts: [22] }).notes.join(), note);
});

test("[ED102] another root is only written to", () => {
  const found = new Map([[installPaths.debianNginxWanted, { kind: "link" as const, target: "x" }]]);
  const plan = planned({ ...freshDebian, systemdRuns: false, found }, { root: "/image" });
  assert.deepEqual(plan.tells, []);
  assert.ok(due(plan).includes(`remove ${installPaths.debianNginxWanted}`));
});
