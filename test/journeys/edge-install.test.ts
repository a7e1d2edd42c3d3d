// Real installations into another root.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  appliance,
  hasProgram,
  installed,
  makeRoot,
  notHere,
  options,
  token,
  tree,
} from "./edge-install-rig.ts";

const environment = "etc/millrace/appliance.env";
const unitPath = "etc/systemd/system/millrace-appliance.service";

/** What a run did: its lines that are not "nothing to do". */
const deeds = (out: string): readonly string[] =>
  out.split("\n").filter((line) => /^(create|change|run|remove|keep|not written) /.test(line));

test("[ED90] [ED94] a dry run prints what would be written and run, not the token, and changes nothing", {
  skip: notHere,
}, (t) => {
  const root = makeRoot(t);
  const file = token(root, "very-secret-token");
  const before = tree(root);
  const done = appliance(["install", ...options(root, { "token-file": file, "dry-run": true })]);
  assert.equal(done.status, 0, done.err);
  assert.deepEqual(tree(root), before);
  for (const part of [
    "$ useradd --prefix",
    "    KillMode=process",
    "    policy",
    "mode 0600, owner the appliance",
  ]) {
    assert.ok(done.out.includes(part.replace("    policy", "policy drop")), part);
  }
  assert.ok(!done.out.includes("very-secret"));
  assert.match(done.out, /Nothing was changed: \d+ steps would be\.\n$/);
});

test("[ED91] [ED94] [ED97] [ED102] an installation: modes, owners, a release of root's; the second run does nothing", {
  skip: notHere,
}, (t) => {
  const root = installed(t, {}, "very-secret-token");
  const uid = Number(/^millrace:[^:]*:(\d+):/m.exec(readFileSync(join(root, "etc/passwd"), "utf8"))?.[1]);
  const lies = (path: string): string => {
    const { mode, uid: owner } = statSync(join(root, path));
    return `${(mode & 0o7777).toString(8)} ${owner === uid ? "appliance" : owner}`;
  };
  assert.ok(uid > 0 && uid < 1000, `a system user, not ${uid}`);
  assert.equal(lies("var/lib/appliance"), "750 appliance");
  assert.equal(lies("etc/millrace/appliance.token"), "600 appliance");
  for (const path of [environment, unitPath, "etc/sysctl.d/90-millrace-appliance.conf"]) {
    assert.equal(lies(path), "644 0", path);
  }
  assert.equal(lies("opt/millrace/current/millrace"), "755 0");
  assert.equal(lies("opt/millrace/current/src/bin/millrace.ts"), "644 0");
  const wanted = "etc/systemd/system/multi-user.target.wants/millrace-appliance.service";
  assert.equal(readlinkSync(join(root, wanted)), `/${unitPath}`);
  const told = ["installed.json", "appliance.env"].map((name) =>
    readFileSync(join(root, "etc/millrace", name), "utf8"),
  );
  assert.ok(
    [...told, readFileSync(join(root, unitPath), "utf8")].every((text) => !text.includes("very-secret")),
  );
  const before = tree(root);
  const again = appliance(["install", ...options(root)], join(root, "opt/millrace/current/millrace"));
  assert.equal(again.status, 0, again.err);
  assert.deepEqual(
    deeds(again.out).map((line) => line.split(" ")[0]),
    ["keep"],
    again.out,
  );
  assert.match(again.out, /Nothing to do\.\n$/);
  assert.deepEqual(tree(root), before);
});

test("[ED92] an edit is kept, a conflict is told with status 1, --force keeps the old file beside the new one", {
  skip: notHere,
}, (t) => {
  const root = installed(t);
  appendFileSync(join(root, environment), "MILLRACE_EDGE_FILL_BPS=1000000\n");
  const mine = readFileSync(join(root, environment), "utf8");
  const install = (more: Readonly<Record<string, string | true>>) =>
    appliance(["install", ...options(root, more)]);
  assert.equal(install({}).status, 0);
  const conflict = install({ "stop-grace": "60" });
  assert.equal(conflict.status, 1);
  assert.match(conflict.err, /\/etc\/millrace\/appliance\.env.*--force.*\[install-conflict\]/);
  assert.equal(readFileSync(join(root, environment), "utf8"), mine);
  assert.match(readFileSync(join(root, unitPath), "utf8"), /^TimeoutStopSec=90$/m, "the rest was done");
  for (const aside of [".old", ".old-2"]) {
    assert.equal(install({ "stop-grace": "60", force: true }).status, 0);
    assert.match(readFileSync(join(root, environment), "utf8"), /STOP_GRACE_MS=60000\n/);
    assert.equal(readFileSync(join(root, `${environment}${aside}`), "utf8"), mine);
    writeFileSync(join(root, environment), mine);
  }
});

test("[ED93] wrong options have status 2, an unfit machine status 1 with every reason; neither changes anything", {
  skip: notHere,
}, (t) => {
  const root = makeRoot(t);
  const file = token(root);
  const before = tree(root);
  const wrong = appliance(["install", ...options(root, { listen: "80", budget: "lots", dir: "/home/x" })]);
  assert.equal(wrong.status, 2);
  for (const option of ["--listen", "--budget", "--dir"])
    assert.match(wrong.err, new RegExp(`^${option}: wanted`, "m"));
  assert.match(appliance(["install", ...options(root, { tokenfile: file })]).err, /tokenfile/);
  const typo = appliance(["instal"]);
  assert.deepEqual([typo.status, /no command "instal"/.test(typo.err)], [2, true]);
  const none = appliance(["install", ...options(root, { "token-file": `${root}/none` })]);
  assert.equal(none.status, 1);
  assert.match(none.err, /none.*\[token-unreadable\]/);
  writeFileSync(join(root, "etc/os-release"), "ID=fedora\nVERSION_ID=40\n");
  const unfit = appliance(["install", ...options(root, { budget: "9000T" })]);
  assert.equal(unfit.status, 1);
  for (const reason of [/fedora 40/, /^--budget: wanted at most/m, /^--token-file: wanted/m])
    assert.match(unfit.err, reason);
  const changed = tree(root).filter((line) => !before.includes(line));
  assert.deepEqual(
    changed.map((line) => line.split(" ")[0]),
    ["etc/os-release"],
  );
});

test("[ED93] who is not root is told so, and may still look at a dry run", {
  skip: notHere || (hasProgram("/usr/bin/setpriv") ? false : "setpriv is not installed"),
}, (t) => {
  const root = makeRoot(t);
  const asNobody = (...more: string[]) =>
    spawnSync(
      "setpriv",
      [
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--",
        "./millrace",
        "appliance",
        "install",
        ...options(root, { "token-file": token(root) }),
        ...more,
      ],
      { encoding: "utf8" },
    );
  spawnSync("chmod", ["-R", "a+rX", root]);
  const done = asNobody();
  assert.equal(done.status, 1);
  assert.match(done.stderr, /uid 65534.*\[install-needs-root\]/s);
  assert.equal(asNobody("--dry-run").status, 0);
});

test("[ED98] Debian's nginx is switched off while it serves the welcome page, and never when a file of it was changed", {
  skip: notHere,
}, (t) => {
  const link = "etc/systemd/system/multi-user.target.wants/nginx.service";
  const withNginx = (change: (root: string) => void): boolean => {
    const root = makeRoot(t);
    for (const folder of [
      "usr/lib/systemd/system",
      "etc/nginx/sites-available",
      "etc/nginx/sites-enabled",
      "etc/nginx/conf.d",
      "etc/systemd/system/multi-user.target.wants",
      "var/lib/dpkg",
      "var/www/html",
    ])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, "usr/lib/systemd/system/nginx.service"), "[Service]\n");
    symlinkSync("/lib/systemd/system/nginx.service", join(root, link));
    writeFileSync(join(root, "etc/nginx/nginx.conf"), "main");
    writeFileSync(join(root, "etc/nginx/sites-available/default"), "site");
    symlinkSync("/etc/nginx/sites-available/default", join(root, "etc/nginx/sites-enabled/default"));
    writeFileSync(join(root, "var/www/html/index.nginx-debian.html"), "welcome");
    const [main, site] = ["fad58de7366495db4650cfefac2fcd61", "98defd6ee70dfb1dea416cecdf391f58"];
    writeFileSync(
      join(root, "var/lib/dpkg/status"),
      `Conffiles:\n /etc/nginx/nginx.conf ${main}\n /etc/nginx/sites-available/default ${site}\n`,
    );
    change(root);
    const done = appliance(["install", ...options(root, { "token-file": token(root), "dry-run": true })]);
    assert.equal(done.status, 0, done.err);
    return done.out.includes(`remove         /${link}`);
  };
  assert.equal(
    withNginx(() => undefined),
    true,
  );
  assert.equal(
    withNginx((root) => appendFileSync(join(root, "etc/nginx/nginx.conf"), " # mine")),
    false,
  );
  assert.equal(
    withNginx((root) => writeFileSync(join(root, "etc/nginx/conf.d/shop.conf"), "")),
    false,
  );
  assert.equal(
    withNginx((root) => writeFileSync(join(root, "var/www/html/index.html"), "our shop")),
    false,
  );
});

test("[ED95] systemd finds nothing wrong with the units and rates the agent's exposure at most 2.0", {
  skip: notHere || (hasProgram("/usr/bin/systemd-analyze") ? false : "systemd-analyze is not installed"),
}, (t) => {
  const root = installed(t, {
    listen: "0.0.0.0:80",
    advertise: "http://192.0.2.1",
  });
  cpSync("/lib/systemd/system", join(root, "usr/lib/systemd/system"), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const program of ["usr/sbin/nft", "usr/bin/man"]) {
    mkdirSync(join(root, program, ".."), { recursive: true });
    writeFileSync(join(root, program), "", { mode: 0o755 });
  }
  const analyze = (...words: string[]) => {
    const done = spawnSync("systemd-analyze", words, {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    return { status: done.status, said: `${done.stdout}${done.stderr}` };
  };
  const units = ["millrace-appliance.service", "millrace-firewall.service"];
  for (const unit of units) {
    const { status, said } = analyze(
      "verify",
      `--root=${root}`,
      "--man=no",
      "--recursive-errors=no",
      `/etc/systemd/system/${unit}`,
    );
    assert.equal(
      said
        .split("\n")
        .filter((line) => line.includes("millrace"))
        .join("\n"),
      "",
    );
    assert.equal(status, 0, said);
  }
  const rated = analyze("security", "--offline=true", "--threshold=20", join(root, unitPath));
  assert.equal(rated.status, 0, rated.said.split("\n").at(-2));
});

test("[ED101] nft takes the rules", {
  skip:
    notHere ||
    (hasProgram("/usr/sbin/nft") ? false : "nft is not installed: nothing here reads the firewall's rules"),
}, (t) => {
  const root = installed(t, { listen: "0.0.0.0:80", advertise: "http://192.0.2.1" });
  const words = ["--check", "--file", join(root, "etc/millrace/firewall.nft")];
  const nft = spawnSync("/usr/sbin/nft", words, { encoding: "utf8" });
  assert.equal(nft.status, 0, nft.stderr);
});

test("[ED103] uninstall takes back what install wrote and keeps media and edits; --purge deletes what an agent makes", {
  skip: notHere,
}, (t) => {
  const root = installed(t);
  const dir = join(root, "var/lib/appliance");
  for (const name of ["v", "state", "nginx"]) mkdirSync(join(dir, name));
  writeFileSync(join(dir, "v/film.m4s"), "media");
  writeFileSync(join(dir, "notes.txt"), "of the operator");
  appendFileSync(join(root, environment), "# mine\n");
  const dry = appliance(["uninstall", "--root", root, "--dry-run", "--purge"]);
  assert.match(dry.out, /remove +\/var\/lib\/appliance\/v\n.*Nothing was changed/s);
  const first = appliance(["uninstall", "--root", root], join(root, "opt/millrace/current/millrace"));
  assert.equal(first.status, 0, first.err);
  for (const gone of [
    unitPath,
    "etc/millrace/appliance.token",
    "opt/millrace",
    "etc/sysctl.d/90-millrace-appliance.conf",
  ]) {
    assert.ok(!existsSync(join(root, gone)), gone);
  }
  assert.ok(readFileSync(join(root, environment), "utf8").endsWith("# mine\n"));
  assert.equal(readFileSync(join(dir, "v/film.m4s"), "utf8"), "media");
  const purge = appliance(["uninstall", "--root", root, "--purge"]);
  assert.equal(purge.status, 0, purge.err);
  assert.deepEqual(readdirSync(dir), ["notes.txt"]);
  assert.ok(!existsSync(join(root, "etc/millrace")));
  assert.doesNotMatch(readFileSync(join(root, "etc/passwd"), "utf8"), /^millrace:/m);
  const none = appliance(["uninstall", "--root", root]);
  assert.deepEqual([none.status, /\[not-installed\]/.test(none.err)], [1, true]);
});
