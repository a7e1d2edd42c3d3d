// Keeps the audit log: its head's hash outside the database from time to time, and its oldest rows only for their time.
import { open } from "node:fs/promises";
import { setTimeout as rest } from "node:timers/promises";
import type { AuditHead } from "#data/audit-chain.ts";
import { ownerOnly } from "#io/files.ts";
import type { Desk } from "./desk.ts";

const dayMs = 86_400_000;
const prunedAtOnce = 1000;

/** At the start, at each period, and at the end. What fails is logged, and tried again the next time. */
export async function keepAudit(desk: Desk, signal: AbortSignal): Promise<void> {
  const periodMs = desk.ports.settings.auditAnchorMinutes * 60_000;
  let anchored = 0;
  for (;;) {
    try {
      await prune(desk);
      const head = await desk.ports.stores.audit.head();
      if (head.seq !== anchored) await anchor(desk, head);
      anchored = head.seq;
    } catch (error) {
      desk.logger.error({ err: error }, "the audit log could not be anchored");
    }
    if (signal.aborted) return;
    await rest(periodMs, undefined, { signal }).catch(() => undefined);
  }
}

async function prune({ ports, clock }: Desk): Promise<void> {
  const nowMs = clock.wallMs();
  const beforeMs = nowMs - ports.settings.auditDays * dayMs;
  const nobody = { object: "", outcome: "done", address: "", requestId: "" };
  const entry = { ...nobody, actor: "program", action: "", atMs: nowMs };
  while ((await ports.stores.audit.prune(beforeMs, prunedAtOnce, entry)) === prunedAtOnce);
}

/** One line of JSON per anchor, on disk before the next one is due. */
async function anchor({ ports, clock, logger }: Desk, { seq, hash }: AuditHead): Promise<void> {
  logger.info({ seq, hash }, "audit anchor");
  const path = ports.settings.auditAnchorFile;
  if (path === "") return;
  await using file = await open(path, "a", ownerOnly);
  await file.appendFile(`${JSON.stringify({ atMs: clock.wallMs(), seq, hash })}\n`);
  await file.datasync();
}
