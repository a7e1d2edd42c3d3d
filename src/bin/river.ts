// `millrace start`: every stage on this machine, in the order a film flows, and everything ended together.
import { join, resolve } from "node:path";
import type { ControlHandle } from "#control/io/server.ts";
import { controlSettings } from "#control/settings.ts";
import type { StoredTitle } from "#data/ports.ts";
import { encodeSettings } from "#encode/settings.ts";
import { programSettings } from "#io/settings.ts";
import { findTools, type Tools } from "#io/tools.ts";
import { Fault } from "#units/fault.ts";
import { routesFile, type SitesFile, sitesFile } from "#wire/topology.ts";
import { type Agents, startAgents } from "./agents.ts";
import { fitBudgets } from "./budgets.ts";
import { helpOut } from "./built-in-worker.ts";
import { Ending } from "./ending.ts";
import { showSteering, waitForFill } from "./fill-stage.ts";
import { demandNeeds, filmFor } from "./film.ts";
import { ingest, nameOf } from "./ingest.ts";
import { readJsonFile } from "./json-file.ts";
import { playOnce } from "./once.ts";
import { onceFaults } from "./once-faults.ts";
import { type OnceResult, writeResult } from "./once-result.ts";
import { openPlane, type Plane } from "./plane.ts";
import { homeFolder, settingsOf } from "./program.ts";
import { packagerFor } from "./protect.ts";
import { startProtection } from "./start-keys.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { untilAborted } from "./until-aborted.ts";

export interface RiverOrder {
  readonly film: string | undefined;
  readonly name: string | undefined;
  readonly effort: "draft" | "standard" | "exhaustive";
  readonly port: number;
  readonly host: string;
  readonly origin: string;
  readonly sites: string;
  readonly routes: string;
  readonly once: boolean;
  readonly out: string;
  readonly plain: boolean;
  readonly json: boolean;
}

/** What every stage needs. */
export interface River {
  readonly order: RiverOrder;
  readonly home: string;
  readonly tools: Tools;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Ends everything with this as its failure. */
  readonly giveUp: (because: unknown) => void;
  readonly ending: Ending;
}

const stages = 11;

/** Runs the river until it is told to stop, or with `once` until the film was played. */
export async function runRiver(order: RiverOrder, stopping: AbortSignal): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([stopping, failing.signal]);
  const giveUp = (because: unknown): void => failing.abort(because);
  const terminal = openTerminal({ plain: order.plain, stages });
  const ending = new Ending();
  try {
    const home = homeFolder();
    const tools = await findTools(home, settingsOf(programSettings), signal);
    introduce(terminal, tools);
    await demandNeeds(order.film, tools);
    if (order.once && tools.chromium === undefined) {
      throw new Fault(onceFaults.noChromium, { path: settingsOf(programSettings).chromium });
    }
    await flow({ order, home, tools, terminal, signal, giveUp, ending });
    failing.signal.throwIfAborted();
  } finally {
    if (signal.aborted) terminal.say("stopping …");
    for (const complaint of await ending.run()) terminal.warn(complaint);
  }
}

async function flow(river: River): Promise<void> {
  const { order, terminal, signal, home } = river;
  const sites = await readJsonFile(resolve(order.sites), sitesFile);
  const routes = await readJsonFile(resolve(order.routes), routesFile);
  const plane = await openPlane(river, sites, routes);
  const film = await filmFor(river);
  const name = order.name ?? (order.film === undefined ? "Millrace, a sample" : nameOf(order.film));
  const { title } = await ingest({
    ...{ film, name, effort: order.effort, home, tools: river.tools, terminal, signal },
    published: async (id) => {
      const title = await plane.stores.catalog.title(id);
      if (title !== undefined) await plane.control.bringTitle(title);
      return title;
    },
    protectionFor: startProtection({
      ...{ settings: settingsOf(controlSettings), control: plane.control },
      packager: () =>
        packagerFor(settingsOf(programSettings).shakaPackager, {
          ...{ tools: river.tools, settings: settingsOf(encodeSettings), signal },
        }),
    }),
  });
  const budgeted = await place(river, plane, sites, title);
  const agents = startAgentsOf(river, plane, budgeted);
  const fill = await waitForFill(river, plane.control, agents);
  const steering = showSteering(river, plane.control, sites, title);
  ready(river, plane);
  if (!order.once) {
    await helpOut(river, plane);
    return untilAborted(signal);
  }
  const result = { title, fill, steering, control: plane.control };
  await once(river, plane, agents, result);
}

/** Budgets follow the catalogue, so that there is something to decide whatever the film's size. */
async function place(river: River, plane: Plane, sites: SitesFile, title: StoredTitle): Promise<SitesFile> {
  const line = river.terminal.stage("placement");
  const titles = await plane.stores.catalog.titles();
  const all = [title, ...titles.filter((other) => other.id !== title.id)];
  const budgeted = fitBudgets(sites, all);
  plane.control.setSites(budgeted);
  const placing = await plane.control.publishTitle(title, (words) => line.progress(words));
  if (placing.kind === "planned") line.done(placementWords(plane.control));
  else line.failed(`not placed: ${placing.because}; the origin serves it`);
  return budgeted;
}

function placementWords(control: ControlHandle): string {
  const { plan } = control.placement() ?? { plan: undefined };
  if (plan === undefined) return "nothing to place";
  const { maxUtilisation, effectiveCapacity, holePercent } = plan.predicted;
  const holes = holePercent > 0 ? ` · ${holePercent.toFixed(1)} % of traffic left to the origin` : "";
  return (
    `${plan.assignment.length} files · cutoff D = ${plan.cutoff.toFixed(2)} · λ = ${plan.lambda.toFixed(2)} · ` +
    `busiest box at ${maxUtilisation.toFixed(2)} × the mean · ${(effectiveCapacity * 100).toFixed(0)} % of throughput usable${holes}`
  );
}

function startAgentsOf(river: River, plane: Plane, sites: SitesFile): Agents {
  const agents = startAgents({
    appliances: sites.sites.flatMap((site) => site.appliances),
    home: river.home,
    controlUrl: plane.control.url,
    tokenFile: plane.tokenFile,
    onEnd: (id, words) =>
      river.terminal.warn(
        `appliance ${id} ${words}; its address stands in ${river.order.sites} (--sites), its log is appliances/${id}/agent.log`,
      ),
  });
  river.ending.add("appliances", () => agents.stop());
  return agents;
}

function introduce(terminal: Terminal, tools: Tools): void {
  const has = (name: string, version: string | undefined): string => `${name} ${version ?? "missing"}`;
  const parts = [
    `node ${process.versions.node}`,
    has("ffmpeg", tools.ffmpeg?.version),
    tools.ffmpegVmaf === undefined
      ? "vmaf missing (SSIM instead)"
      : `vmaf by ffmpeg ${tools.ffmpegVmaf.version}`,
    has("nginx", tools.nginx?.version),
  ];
  terminal.say(`millrace · ${parts.join(" · ")}`);
}

function ready(river: River, plane: Plane): void {
  const { url } = plane.control;
  const shown = url.replace("127.0.0.1", "localhost");
  river.terminal.stage("ready").done(`${shown}   operator ${shown}/ops   API ${shown}/docs`);
  river.terminal.say(`          sign in with  ${plane.account.email}  password  ${plane.account.password}`);
  if (!river.order.once) river.terminal.say("          Ctrl-C ends everything.");
}

async function once(
  river: River,
  plane: Plane,
  agents: Agents,
  found: Omit<OnceResult, "playback">,
): Promise<void> {
  const { order, terminal, tools, signal } = river;
  terminal.say(`playing "${found.title.name}" in Chromium ${tools.chromium?.version ?? ""} …`);
  const playback = await playOnce({
    chromium: tools.chromium?.path ?? "",
    url: plane.control.url.replace("127.0.0.1", "localhost"),
    ...plane.account,
    titleId: found.title.id,
    durationSeconds: found.title.package.duration,
    killAppliance: (id) => agents.kill(id),
    onNote: (text) => terminal.say(`          ${text}`),
    screenshot: join(resolve(order.out), "../player.png"),
    signal,
  });
  const document = await writeResult(resolve(order.out), { ...found, playback });
  terminal.say(
    `          played to the end · start ${playback.startupMs} ms · ${playback.stalls} stalls · ${playback.switches} switches · ` +
      `${playback.segmentsAfterKill} segments from others after the kill`,
  );
  if (order.json) process.stdout.write(`${document}\n`);
  if (!playback.survivedKill) throw new Fault(onceFaults.notSurvived, { killed: playback.killed });
}
