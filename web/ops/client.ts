// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postJson, type Question } from "#web/api.ts";
import { drill, type drillBody, drills } from "#wire/drills.ts";
import { experiment, type experimentBody, experimentReport, experiments } from "#wire/experiment.ts";
import { jobHistory, opsEncodes, opsJobs, opsLanes, type priorityBody } from "#wire/jobs.ts";
import { opsLints } from "#wire/lints.ts";
import { opsMisses } from "#wire/misses.ts";
import {
  opsAppliances,
  opsEncode,
  opsExplain,
  opsPlacement,
  opsSessions,
  opsStoryboard,
  opsTitles,
} from "#wire/ops.ts";
import { opsApplianceDetail, opsChanges, opsMap, opsWithout } from "#wire/ops-network.ts";
import { opsPlacementChurn, opsPlacementExplain } from "#wire/ops-placement.ts";
import { opsTimeline } from "#wire/ops-sessions.ts";
import { opsQuality, opsQualityBreakdown, opsQualityDefinitions } from "#wire/quality.ts";
import { opsRoutes } from "#wire/routes.ts";
import { seriesAnswer } from "#wire/series.ts";

/** Appliances: health, load, fill. */
export function getOpsAppliances(): Question<z.infer<typeof opsAppliances>> {
  return { path: "/v1/ops/appliances", schema: opsAppliances };
}

/** No new plays are sent there. */
export function postOpsAppliancesByIdDrain(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/appliances/${encodeURIComponent(id)}/drain`, {}, undefined, signal);
}

/** New plays may be sent there again. */
export function postOpsAppliancesByIdUndrain(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/appliances/${encodeURIComponent(id)}/undrain`, {}, undefined, signal);
}

/** The placement plan in force. */
export function getOpsPlacement(): Question<z.infer<typeof opsPlacement>> {
  return { path: "/v1/ops/placement", schema: opsPlacement };
}

/** Bytes that plans moved, by day. */
export function getOpsPlacementChurn(): Question<z.infer<typeof opsPlacementChurn>> {
  return { path: "/v1/ops/placement/churn", schema: opsPlacementChurn };
}

/** Why a file lies where it lies, with the draw that decided. */
export function getOpsPlacementExplain(query: {
  readonly file: string;
}): Question<z.infer<typeof opsPlacementExplain>> {
  return { path: `/v1/ops/placement/explain?${new URLSearchParams(query)}`, schema: opsPlacementExplain };
}

/** All titles. */
export function getOpsTitles(): Question<z.infer<typeof opsTitles>> {
  return { path: "/v1/ops/titles", schema: opsTitles };
}

/** The encode report of a title. */
export function getOpsTitlesByIdEncode(id: string): Question<z.infer<typeof opsEncode>> {
  return { path: `/v1/ops/titles/${encodeURIComponent(id)}/encode`, schema: opsEncode };
}

/** What is odd about the routes that the sites hear. */
export function getOpsLints(): Question<z.infer<typeof opsLints>> {
  return { path: "/v1/ops/lints", schema: opsLints };
}

/** Routes that each appliance told, and how fresh they are. */
export function getOpsRoutes(): Question<z.infer<typeof opsRoutes>> {
  return { path: "/v1/ops/routes", schema: opsRoutes };
}

/** Recent sessions, by title, network, device, appliance and state. */
export function getOpsSessions(query: {
  readonly title?: string;
  readonly network?: string;
  readonly device?: string;
  readonly appliance?: string;
  readonly state?: string;
  readonly limit?: string;
}): Question<z.infer<typeof opsSessions>> {
  return { path: `/v1/ops/sessions?${new URLSearchParams(query)}`, schema: opsSessions };
}

/** Which sources a viewer would get now, and what each rule left out. */
export function getOpsSteerExplain(query: {
  readonly client: string;
  readonly title?: string;
  readonly session?: string;
}): Question<z.infer<typeof opsExplain>> {
  return { path: `/v1/ops/steer/explain?${new URLSearchParams(query)}`, schema: opsExplain };
}

/** Titles on their way: how many jobs of each are waiting, under way, done and dead. */
export function getOpsEncodes(query: { readonly limit?: string }): Question<z.infer<typeof opsEncodes>> {
  return { path: `/v1/ops/encodes?${new URLSearchParams(query)}`, schema: opsEncodes };
}

/** Encode jobs by title, state and worker: under way first, then waiting, then done. */
export function getOpsJobs(query: {
  readonly state?: string;
  readonly title?: string;
  readonly worker?: string;
  readonly limit?: string;
}): Question<z.infer<typeof opsJobs>> {
  return { path: `/v1/ops/jobs?${new URLSearchParams(query)}`, schema: opsJobs };
}

/** Which worker worked on what of late, and how each time ended. */
export function getOpsJobsLanes(query: { readonly minutes?: string }): Question<z.infer<typeof opsLanes>> {
  return { path: `/v1/ops/jobs/lanes?${new URLSearchParams(query)}`, schema: opsLanes };
}

/** What the books say happened to a job. */
export function getOpsJobsByIdEvents(id: string): Question<z.infer<typeof jobHistory>> {
  return { path: `/v1/ops/jobs/${encodeURIComponent(id)}/events`, schema: jobHistory };
}

/** A dead job is tried again, with all its tries. */
export function postOpsJobsByIdRetry(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/jobs/${encodeURIComponent(id)}/retry`, {}, undefined, signal);
}

/** Nothing more of this run is done; what its workers do is thrown away. */
export function postOpsEncodesByIdCancel(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/encodes/${encodeURIComponent(id)}/cancel`, {}, undefined, signal);
}

/** Nothing more of this run is given out; what is under way goes on. */
export function postOpsEncodesByIdPause(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/encodes/${encodeURIComponent(id)}/pause`, {}, undefined, signal);
}

/** Jobs of this run are given out again. */
export function postOpsEncodesByIdResume(id: string, signal?: AbortSignal): Promise<undefined> {
  return postJson(`/v1/ops/encodes/${encodeURIComponent(id)}/resume`, {}, undefined, signal);
}

/** Jobs of this run, and those that follow from them, go before those of a lower priority. */
export function postOpsEncodesByIdPriority(
  id: string,
  body: z.input<typeof priorityBody>,
  signal?: AbortSignal,
): Promise<undefined> {
  return postJson(`/v1/ops/encodes/${encodeURIComponent(id)}/priority`, body, undefined, signal);
}

/** Where a title's small pictures are listed: an address that opens pictures alone, for one to two hours. */
export function getOpsTitlesByIdStoryboard(id: string): Question<z.infer<typeof opsStoryboard>> {
  return { path: `/v1/ops/titles/${encodeURIComponent(id)}/storyboard`, schema: opsStoryboard };
}

/** How a session went, from its beacons in the event log, with what was never heard. */
export function getOpsSessionsByIdTimeline(id: string): Question<z.infer<typeof opsTimeline>> {
  return { path: `/v1/ops/sessions/${encodeURIComponent(id)}/timeline`, schema: opsTimeline };
}

/** How well people watch: start-up, failures, stalls, bitrate and height by window, with what came late added in. */
export function getOpsQoe(query: {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly step?: string;
}): Question<z.infer<typeof opsQuality>> {
  return { path: `/v1/ops/qoe?${new URLSearchParams(query)}`, schema: opsQuality };
}

/** Sessions that are over by up to three dimensions, of 28 days at most: measures, and how sessions are spread. */
export function getOpsQoeBreakdown(query: {
  readonly by: string;
  readonly and?: string;
  readonly also?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit?: string;
}): Question<z.infer<typeof opsQualityBreakdown>> {
  return { path: `/v1/ops/qoe/breakdown?${new URLSearchParams(query)}`, schema: opsQualityBreakdown };
}

/** What each figure of quality means, its unit and its formula. */
export function getOpsQoeDefinitions(): Question<z.infer<typeof opsQualityDefinitions>> {
  return { path: "/v1/ops/qoe/definitions", schema: opsQualityDefinitions };
}

/** Broken-segment experiments, newest first. */
export function getOpsExperiments(): Question<z.infer<typeof experiments>> {
  return { path: "/v1/ops/experiments", schema: experiments };
}

/** Survival, stalls and switches by arm, with confidence intervals. */
export function getOpsExperimentsByIdReport(id: string): Question<z.infer<typeof experimentReport>> {
  return { path: `/v1/ops/experiments/${encodeURIComponent(id)}/report`, schema: experimentReport };
}

/** Where bytes came from by site and minute: how much the origin was spared, and what kept the best-placed appliances from serving the rest. */
export function getOpsMisses(query: {
  readonly from?: string;
  readonly to?: string;
}): Question<z.infer<typeof opsMisses>> {
  return { path: `/v1/ops/misses?${new URLSearchParams(query)}`, schema: opsMisses };
}

/** What changed, newest first: plans, health, experiments, catalogue, titles; for admins orders of the audit log too. */
export function getOpsChanges(query: { readonly limit?: string }): Question<z.infer<typeof opsChanges>> {
  return { path: `/v1/ops/changes?${new URLSearchParams(query)}`, schema: opsChanges };
}

/** Sites, appliances and viewpoints with their places, and who serves whom now. */
export function getOpsMap(): Question<z.infer<typeof opsMap>> {
  return { path: "/v1/ops/map", schema: opsMap };
}

/** Figures over time: lines, by a query in Atlas's stack language. */
export function getOpsSeries(query: {
  readonly q: string;
  readonly s?: string;
  readonly e?: string;
  readonly step?: string;
}): Question<z.infer<typeof seriesAnswer>> {
  return { path: `/v1/ops/series?${new URLSearchParams(query)}`, schema: seriesAnswer };
}

/** One appliance: its report, its agent's latest words, changes of its health, its most played files. */
export function getOpsAppliancesById(id: string): Question<z.infer<typeof opsApplianceDetail>> {
  return { path: `/v1/ops/appliances/${encodeURIComponent(id)}`, schema: opsApplianceDetail };
}

/** What would change for new plays if this appliance were not there; nothing is changed. */
export function getOpsAppliancesByIdWithout(id: string): Question<z.infer<typeof opsWithout>> {
  return { path: `/v1/ops/appliances/${encodeURIComponent(id)}/without`, schema: opsWithout };
}

/** Lose an appliance on purpose for a while: drained, killed, or without a prefix. It begins at once and ends by itself. */
export function postOpsAppliancesByIdDrillsByKind(
  id: string,
  kind: string,
  body: z.input<typeof drillBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof drill>> {
  return postJson(
    `/v1/ops/appliances/${encodeURIComponent(id)}/drills/${encodeURIComponent(kind)}`,
    body,
    drill,
    signal,
  );
}

/** Drills, newest first, with what is seen of those that run. */
export function getOpsDrills(): Question<z.infer<typeof drills>> {
  return { path: "/v1/ops/drills", schema: drills };
}

/** All back as it was; changes nothing when it is over. */
export function postOpsDrillsByIdAbort(id: string, signal?: AbortSignal): Promise<z.infer<typeof drill>> {
  return postJson(`/v1/ops/drills/${encodeURIComponent(id)}/abort`, {}, drill, signal);
}

/** Order an experiment; nothing happens before it is started. */
export function postOpsExperiments(
  body: z.input<typeof experimentBody>,
  signal?: AbortSignal,
): Promise<z.infer<typeof experiment>> {
  return postJson("/v1/ops/experiments", body, experiment, signal);
}

/** Break segments from now on. */
export function postOpsExperimentsByIdStart(
  id: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof experiment>> {
  return postJson(`/v1/ops/experiments/${encodeURIComponent(id)}/start`, {}, experiment, signal);
}

/** Break nothing more; changes nothing when it is over. */
export function postOpsExperimentsByIdAbort(
  id: string,
  signal?: AbortSignal,
): Promise<z.infer<typeof experiment>> {
  return postJson(`/v1/ops/experiments/${encodeURIComponent(id)}/abort`, {}, experiment, signal);
}
