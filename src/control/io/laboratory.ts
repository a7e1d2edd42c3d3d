// Looks after the experiment that runs: its time limit, who is under way, and the looks at its arms.
import { setTimeout as rest } from "node:timers/promises";
import {
  gather,
  recalledLaboratory,
  recordOf,
  recounted,
  runningIn,
  stepped,
  withExperiment,
} from "#control/experiments.ts";
import { dueLook, type Experiment, type ExperimentEvent } from "#qoe/experiment.ts";
import type { Desk } from "./desk.ts";

/** What was kept before a restart; who is under way is counted anew before anyone else is let in. */
export async function recallExperiments(desk: Desk): Promise<void> {
  const { ports, state, clock } = desk;
  const { laboratory, unreadable } = await recalledLaboratory(ports, state.catalogue, clock.wallMs());
  for (const id of unreadable) desk.logger.warn({ experiment: id }, "an experiment is unreadable");
  state.laboratory = laboratory;
}

/** Takes effect at once, and is then kept. Rejects when it cannot be kept. */
export async function keepExperiment(desk: Desk, experiment: Experiment): Promise<void> {
  desk.state.laboratory = withExperiment(desk.state.laboratory, experiment);
  const { id, createdAtMs } = experiment;
  await desk.ports.stores.experiments.save({ id, createdAtMs, value: recordOf(experiment) });
}

/** A database that fails delays looks; the time limit holds without it, here and at the appliances. */
export async function watchExperiments(desk: Desk, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    await rest(desk.ports.settings.experimentPollMs, undefined, { signal }).catch(() => undefined);
    try {
      const running = runningIn(desk.state.laboratory);
      if (running !== undefined && !signal.aborted) await lookAfter(desk, running);
      failing = false;
    } catch (error) {
      if (!failing) desk.logger.error({ err: error }, "an experiment could not be looked after");
      failing = true;
    }
  }
}

async function lookAfter(desk: Desk, running: Experiment): Promise<void> {
  if ((await happened(desk, running.id, { kind: "tick" })).state.kind !== "running") return;
  const { ports, state } = desk;
  const gathered = await gather(ports, state.catalogue, running, desk.clock.wallMs());
  const nowMs = desk.clock.wallMs();
  if (runningIn(state.laboratory)?.id !== running.id) return;
  state.laboratory = recounted(state.laboratory, gathered.underWay, nowMs);
  if (dueLook(running, nowMs) === undefined) return;
  await happened(desk, running.id, { kind: "look", outcomes: gathered.outcomes });
}

/** One event in an experiment's life, logged when it changes its state. */
export async function happened(desk: Desk, id: string, event: ExperimentEvent): Promise<Experiment> {
  const before = desk.state.laboratory.experiments.find((one) => one.id === id);
  const after = stepped(desk.state.laboratory, id, event, desk.clock.wallMs());
  if (after === before) return after;
  const { state } = after;
  if (state.kind !== before?.state.kind) {
    const because = state.kind === "aborted" ? state.because : undefined;
    desk.logger.info({ experiment: id, state: state.kind, because }, "an experiment changed its state");
  }
  await keepExperiment(desk, after);
  return after;
}
