// `millrace appliance uninstall`: the way back. Media stay unless --purge says otherwise.
import { join, resolve } from "node:path";
import { defineCommand } from "citty";
import { edgeFaults } from "#edge/faults.ts";
import { installPaths } from "#edge/install-paths.ts";
import type { InstallRecord } from "#edge/install-record.ts";
import { isDone } from "#edge/install-steps.ts";
import { planWayBack, type WayBack, type WayBackOrder } from "#edge/install-way-back.ts";
import { carryOut, remember } from "#edge/io/install-do.ts";
import { linksOnWays, namesIn, readFound, readRecord, userIn } from "#edge/io/install-found.ts";
import { releasesIn } from "#edge/io/release.ts";
import { Fault } from "#units/fault.ts";
import { stepInFull, stepLine } from "./install-words.ts";
import { runProgram } from "./program.ts";

type Planned = Extract<WayBack, { kind: "planned" }>;

/** What a stopping nginx that no agent looks after any more may still send. */
const stopGraceMs = 5000;

export const uninstallCommand = defineCommand({
  meta: { name: "uninstall", description: "Take back what install did; media stay unless --purge is given" },
  args: {
    purge: {
      type: "boolean",
      default: false,
      description: "Delete media, state, edited files and the user too",
    },
    root: { type: "string", default: "/", description: "Of another root; nothing is stopped there" },
    "dry-run": {
      type: "boolean",
      default: false,
      description: "Print all that would be done, and do nothing",
    },
  },
  run: async ({ args }) => {
    const order: WayBackOrder = {
      root: resolve(args.root),
      reach: args.purge ? "everything" : "installed",
    };
    await runProgram(async (signal) => {
      const { plan, record } = await planned(order);
      if (args["dry-run"]) tell(plan, "would be");
      else await takeBack(order, plan, record, signal);
    });
  },
});

async function planned(
  order: WayBackOrder,
): Promise<{ readonly plan: Planned; readonly record: InstallRecord }> {
  const record = await readRecord(order.root);
  if (record === undefined) throw new Fault(edgeFaults.notInstalled, { record: installPaths.record });
  const plan = planWayBack(order, {
    record,
    found: await readFound(order.root, record),
    present: await releasesIn(join(order.root, record.prefix)),
    links: await linksOnWays(order.root, record),
    inPrefix: await namesIn(join(order.root, record.prefix)),
    hasUser: (await userIn(order.root, record.user)) !== undefined,
  });
  if (plan.kind === "refused") {
    throw new Fault(edgeFaults.installRefused, { complaints: plan.complaints.join("\n") });
  }
  return { plan, record };
}

function tell(plan: Planned, how: "would be"): void {
  for (const step of plan.steps) process.stdout.write(`${stepInFull(step)}\n`);
  const due = plan.steps.filter((step) => !isDone(step)).length;
  process.stdout.write(`\n${plan.notes.join("\n")}\nNothing was changed: ${due} steps ${how}.\n`);
}

async function takeBack(
  order: WayBackOrder,
  plan: Planned,
  record: InstallRecord,
  signal: AbortSignal,
): Promise<void> {
  const uid = process.getuid?.() ?? -1;
  if (uid !== 0) throw new Fault(edgeFaults.installNeedsRoot, { uid });
  await carryOut(plan.steps, {
    root: order.root,
    user: record.user,
    release: { folder: "", paths: [] },
    token: undefined,
    stopGraceMs,
    signal,
    onStep: (step) => process.stdout.write(`${stepLine(step)}\n`),
  });
  if (order.reach === "installed") await remember(order.root, { ...record, files: keptFiles(plan, record) });
  process.stdout.write(`\n${plan.notes.join("\n")}\n`);
}

/** Edited by hand and still there: a later --purge has to know of them. */
function keptFiles(plan: Planned, record: InstallRecord): InstallRecord["files"] {
  const kept = new Set(plan.steps.filter((step) => step.does === "keep").map((step) => step.what));
  return Object.fromEntries(Object.entries(record.files).filter(([path]) => kept.has(path)));
}
