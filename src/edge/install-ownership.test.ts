import assert from "node:assert/strict";
import { test } from "node:test";
import { after, freshDebian, order, type Plan, withRecord } from "#test/fixtures/install-facts.ts";
import type { MachineFacts, Thing } from "./install-machine.ts";
import type { InstallOrder } from "./install-order.ts";
import { currentRelease } from "./install-ownership.ts";
import { agentFolders } from "./install-paths.ts";
import { planInstall } from "./install-plan.ts";
import { isDone, type Step } from "./install-steps.ts";
import { planWayBack } from "./install-way-back.ts";

function planned(facts: MachineFacts, change: Partial<InstallOrder> = {}): Plan {
  const plan = planInstall({ ...order, ...change }, facts, "new");
  if (plan.kind === "refused") throw new Error(plan.complaints.join("\n"));
  return plan;
}

function refusals(facts: Partial<MachineFacts>, change: Partial<InstallOrder> = {}): readonly string[] {
  const plan = planInstall({ ...order, ...change }, { ...freshDebian, ...facts }, "new");
  return plan.kind === "refused" ? plan.complaints : [];
}

/** What `uninstall --purge` would do to the machine, "keep" too. */
function purged(facts: MachineFacts): readonly Step[] {
  const { record, found, inPrefix, user, release } = facts;
  if (record === undefined) throw new Error("nothing is installed");
  const present = release.present;
  const hasUser = user !== undefined;
  const plan = planWayBack(
    { root: "/", reach: "everything" },
    { record, found, inPrefix, present, hasUser, links: [] },
  );
  if (plan.kind === "refused") throw new Error(plan.complaints.join("\n"));
  return plan.steps;
}

const stepOf = (steps: readonly Step[], what: string): Step["does"] | undefined =>
  steps.find((step) => step.what === what)?.does;
const folder: Thing = { kind: "folder", mode: 0o755, uid: 0 };

test("[ED107] a user that was there before stays, also after a second run", () => {
  const before: MachineFacts = { ...freshDebian, user: { uid: 33, gid: 33 }, hasGroup: true };
  const once = after(before, planned(before));
  const twice = after(once, planned(once));
  for (const facts of [once, twice]) {
    const steps = purged(facts);
    assert.equal(stepOf(steps, "user millrace"), "keep");
    assert.ok(!steps.some(({ action }) => action.kind === "run" && action.argv[0] === "usermod"));
  }
});

test("[ED107] a user that was made goes, and a group that was there before it stays", () => {
  const once = after(freshDebian, planned(freshDebian));
  const twice = after(once, planned(once));
  for (const facts of [once, twice]) {
    assert.equal(stepOf(purged(facts), "user millrace"), "run");
    assert.equal(stepOf(purged(facts), "group millrace stays"), undefined);
  }
  const grouped: MachineFacts = { ...freshDebian, hasGroup: true };
  const what = purged(after(grouped, planned(grouped))).map((step) => step.what);
  assert.ok(what.indexOf("group millrace stays") < what.indexOf("user millrace"));
  assert.ok(what.includes("group millrace stays"));
});

test("[ED107] what a record of before does not know of stays", () => {
  const facts = withRecord(after(freshDebian, planned(freshDebian)), { made: undefined });
  assert.equal(stepOf(purged(facts), "user millrace"), "keep");
  assert.equal(stepOf(purged(facts), "/srv/millrace/v"), "keep");
});

test("[ED107] a run that is cut off has remembered what it was about to make", () => {
  const { intent, record } = planned(freshDebian);
  assert.deepEqual(intent.made, record.made);
  assert.deepEqual([intent.made?.user, intent.isTold, intent.files], [true, false, {}]);
});

const foreignDirs: readonly (readonly string[])[] = [["nginx", "syslog"], ["nginx"], ["v", "notes.txt"]];
for (const inDir of foreignDirs) {
  test(`[ED107] refused: media into a folder with ${inDir.join(" and ")} in it`, () => {
    const complaints = refusals({ inDir });
    assert.equal(complaints.length, 1);
    assert.match(complaints[0] ?? "", /^--dir: \/srv\/millrace holds what no appliance made \(/);
  });
}

test("[ED107] an empty disk, an appliance's disk and this appliance's own folder are taken", () => {
  assert.deepEqual(refusals({ inDir: ["lost+found"] }), []);
  assert.deepEqual(refusals({ inDir: ["lost+found", ...agentFolders] }), []);
  const installed = after(freshDebian, planned(freshDebian));
  assert.deepEqual(refusals({ ...installed, inDir: [...agentFolders, "notes.txt"] }), []);
});

test("[ED107] --purge deletes folders that were made, and no others", () => {
  const mounted: MachineFacts = {
    ...freshDebian,
    found: new Map<string, Thing>([["/srv/millrace", folder]]),
    inDir: ["lost+found"],
  };
  const steps = purged(after(mounted, planned(mounted)));
  assert.equal(stepOf(steps, "/srv/millrace/v"), "remove");
  assert.equal(stepOf(steps, "/srv/millrace/"), "keep", "the mount point was there");
  const logs = withRecord(after(freshDebian, planned(freshDebian)), {
    made: { user: true, group: true, folders: ["/srv/millrace/v"] },
  });
  assert.equal(stepOf(purged(logs), "/srv/millrace/nginx"), "keep");
  assert.equal(stepOf(purged(logs), "/srv/millrace/v"), "remove");
});

test("[ED107] a prefix with something else in it is refused, and so is a folder that only bears a release's name", () => {
  assert.match(refusals({ inPrefix: ["tool-aaaaaaaaaaaa"] })[0] ?? "", /^--prefix: .*\(tool-aaaaaaaaaaaa\)/);
  const installed = after(freshDebian, planned(freshDebian));
  const half: MachineFacts = { ...installed, release: { ...installed.release, present: [] } };
  assert.match(refusals(half)[0] ?? "", /is no release that was copied whole/);
});

test("[ED107] folders of others below the prefix are neither old releases nor removed at the end", () => {
  const installed = after(freshDebian, planned(freshDebian));
  const shared: MachineFacts = { ...installed, inPrefix: [...installed.inPrefix, "tool-999999999999"] };
  const what = [...planned(shared).tells, ...purged(shared)].filter((step) => !isDone(step));
  assert.ok(!what.some((step) => step.what.includes("tool-")));
});

test("[ED107] a `current` of somebody else is neither replaced nor removed", () => {
  for (const current of [
    { kind: "link", target: "/opt/other/1.0" },
    { kind: "link", target: "tool" },
    folder,
  ] as const) {
    const found = new Map<string, Thing>([["/opt/millrace/current", current]]);
    const theirs = { found, inPrefix: ["current", "tool"] };
    assert.ok(refusals(theirs).some((one) => one.startsWith("/opt/millrace/current is there and names no")));
    const installed = after(freshDebian, planned(freshDebian));
    const now: MachineFacts = {
      ...installed,
      found: new Map([...installed.found, ...found]),
      inPrefix: [...installed.inPrefix, "tool"],
    };
    assert.ok(refusals(now).some((one) => one.startsWith("/opt/millrace/current is there")));
    assert.equal(stepOf(purged(now), "/opt/millrace/current"), "keep");
  }
});

test("[ED107] a `current` that leads nowhere, or was set by hand to a release, is ours", () => {
  const installed = after(freshDebian, planned(freshDebian));
  for (const target of ["0.0.1-bbbbbbbbbbbb", "/opt/millrace/0.1.0-aaaaaaaaaaaa/"]) {
    const found = new Map<string, Thing>([
      ...installed.found,
      ["/opt/millrace/current", { kind: "link", target }],
    ]);
    assert.deepEqual(refusals({ ...installed, found }), []);
    assert.equal(currentRelease("/opt/millrace", found), target.replace(/^\/opt\/millrace\/|\/$/g, ""));
  }
});

test("[ED109] the way back is refused where a link leads out of the root", () => {
  const { record, found, inPrefix } = after(freshDebian, planned(freshDebian));
  if (record === undefined) throw new Error("nothing is installed");
  const facts = { record, found, inPrefix, present: [], hasUser: true, links: ["/srv"] };
  const plan = planWayBack({ root: "/image", reach: "everything" }, facts);
  assert.ok(
    plan.kind === "refused" && plan.complaints.some((one) => one.startsWith("--root: /srv is a symbolic")),
  );
});
