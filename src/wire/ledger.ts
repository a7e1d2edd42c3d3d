// The two halves of the miss ledger as they stand in the event log.
import { z } from "zod";

const choice = z.object({
  id: z.string(),
  siteId: z.string(),
  out: z.enum(["content", "health", "capacity"]).optional(),
  lacks: z.array(z.string()).optional(),
});

/** A decision: whom the network puts first, in full; who was listed; and how many were left out by which rule. */
export const steeredRecord = z.object({
  v: z.literal(1),
  at: z.number(),
  steered: z.object({
    sessionId: z.string(),
    titleId: z.string(),
    best: z.array(choice),
    ranked: z.array(z.string()),
    eliminated: z.record(z.string(), z.number()),
  }),
});

const servedRow = z.tuple([z.number(), z.string(), z.string(), z.number(), z.number()]);

/** A part of a batch. Rows: moment, session, folder, bytes, of these pulled. */
export const servedRecord = z.object({
  v: z.literal(1),
  at: z.number(),
  served: z.object({
    sourceId: z.string(),
    siteId: z.string(),
    bootId: z.string(),
    batch: z.number(),
    part: z.number(),
    rows: z.array(servedRow),
  }),
});

export type SteeredRecord = z.infer<typeof steeredRecord>;
export type ServedRecord = z.infer<typeof servedRecord>;
