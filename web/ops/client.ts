// Written by `npm run generate` from the control plane's routes: change those, not this.
import type { z } from "zod";
import { postJson, type Question } from "#web/api.ts";
import { opsLints } from "#wire/lints.ts";
import { opsAppliances, opsEncode, opsExplain, opsPlacement, opsSessions, opsTitles } from "#wire/ops.ts";
import { opsPlacementChurn, opsPlacementExplain } from "#wire/ops-placement.ts";
import { opsRoutes } from "#wire/routes.ts";

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

/** Recent sessions. */
export function getOpsSessions(): Question<z.infer<typeof opsSessions>> {
  return { path: "/v1/ops/sessions", schema: opsSessions };
}

/** Which sources a viewer would get now, and what each rule left out. */
export function getOpsSteerExplain(query: {
  readonly client: string;
  readonly title?: string;
  readonly session?: string;
}): Question<z.infer<typeof opsExplain>> {
  return { path: `/v1/ops/steer/explain?${new URLSearchParams(query)}`, schema: opsExplain };
}
