// CMCD version 2 (CTA-5004-B) and CMSD (CTA-5006) as text: the structured fields (RFC 9651) that a player puts behind an address,
// the lines of its event reports, and what a server says about itself. Read with care: whoever asks may write anything, so a
// report is never a reason to allow something.
import { CMCD_MIME_TYPE, type Cmcd, decodeCmcd, encodeCmcd, toCmcdValue } from "@svta/cml-cmcd";
import { decodeSfList } from "@svta/cml-structured-field-values";
import { z } from "zod";
import type { CmcdReport } from "#model/cmcd.ts";
import { idText } from "./viewer.ts";

export const cmcdType = CMCD_MIME_TYPE;
/** Of one POST. */
export const mostReports = 200;
/** Source: ours write some 300 characters at most; the rest is for players that say more. */
const longestReport = 4096;

/** Of one text in a report of ours. */
const longestText = 500;

const whole = z.number().int().min(0).max(999_999_999_999_999);

/** The keys that Millrace reads. Others are left out: the standard has more, and players have their own. */
const said = z.object({
  v: z.literal(2),
  sid: idText,
  sn: whole,
  cid: z.string().max(128).optional(),
  sta: z.enum(["s", "p", "k", "r", "a", "w", "e", "f", "q", "d"]).optional(),
  bl: whole.optional(),
  br: whole.optional(),
  tb: whole.optional(),
  mtp: whole.optional(),
  rtp: whole.optional(),
  msd: whole.optional(),
  d: whole.optional(),
  dl: whole.optional(),
  pr: z.number().min(0).max(100).optional(),
  ot: z.string().max(4).optional(),
  su: z.boolean().optional(),
  bs: z.boolean().optional(),
  bsa: whole.optional(),
  bsda: whole.optional(),
});
export const cmcdRequest = said;
export type CmcdRequest = z.infer<typeof cmcdRequest>;

export const cmcdEvent = said.extend({
  e: z.string().min(1).max(16),
  ts: whole,
  ec: z.array(z.string().max(64)).max(8).optional(),
  url: z.string().max(2048).optional(),
  cdn: z.string().max(128).optional(),
  rc: z.number().int().min(0).max(999).optional(),
  ttfb: whole.optional(),
  ttlb: whole.optional(),
});
export type CmcdEvent = z.infer<typeof cmcdEvent>;

/** Keys sorted, bl, dl, mtp and rtp rounded to 100. */
export function cmcdText(report: CmcdReport): string {
  const { bl, br, tb, mtp, bsa, bsda, ec, ...plain } = report;
  const fields: Cmcd = {
    ...plain,
    ...(plain.url !== undefined && { url: printable(plain.url) }),
    ...(plain.cdn !== undefined && { cdn: printable(plain.cdn) }),
    ...(plain.cmsdd !== undefined && { cmsdd: printable(plain.cmsdd) }),
    ...(ec !== undefined && { ec: ec.map(printable) }),
    bl: ofPicture(bl),
    ...(br !== undefined && { br: ofPicture(br) }),
    ...(tb !== undefined && { tb: ofPicture(tb) }),
    ...(mtp !== undefined && { mtp: [mtp] }),
    ...(bsa !== undefined && { bsa: ofPicture(bsa) }),
    ...(bsda !== undefined && { bsda: ofPicture(bsda) }),
  };
  const reportingMode = report.e === undefined ? "request" : "event";
  return encodeCmcd(fields, { version: 2, reportingMode });
}

/** To be put behind an address that has no query of its own. */
export function cmcdQuery(report: CmcdReport): string {
  return `?CMCD=${encodeURIComponent(cmcdText(report))}`;
}

/** The body of an event report: one line each. */
export function cmcdLines(reports: readonly CmcdReport[]): string {
  return reports.map(cmcdText).join("\n");
}

/** What a request said, from the query as a log has it, without "?". Undefined: nothing that can be understood. */
export function readCmcdQuery(query: string): CmcdRequest | undefined {
  const text = new URLSearchParams(query).get("CMCD");
  return text === null || text.length > longestReport
    ? undefined
    : cmcdRequest.safeParse(fieldsOf(text)).data;
}

export type CmcdReading =
  | { readonly kind: "read"; readonly events: readonly CmcdEvent[] }
  /** `where` is a line, from 1 on, and the key if one is wrong. */
  | { readonly kind: "unreadable"; readonly where: string; readonly what: string };

export function readCmcdLines(body: string): CmcdReading {
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) return { kind: "unreadable", where: "body", what: "no report in it" };
  if (lines.length > mostReports) {
    return {
      kind: "unreadable",
      where: "body",
      what: `${lines.length} reports, at most ${mostReports} wanted`,
    };
  }
  const events: CmcdEvent[] = [];
  for (const [i, line] of lines.entries()) {
    if (line.length > longestReport) {
      return { kind: "unreadable", where: `line ${i + 1}`, what: `longer than ${longestReport} characters` };
    }
    const parsed = cmcdEvent.safeParse(fieldsOf(line));
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const where = [`line ${i + 1}`, ...(issue?.path ?? [])].join(", ");
      return { kind: "unreadable", where, what: issue?.message ?? "no CMCD of version 2" };
    }
    events.push(parsed.data);
  }
  return { kind: "read", events };
}

/** What a server says about itself: of the last who spoke, which is the nearest. */
export interface ServerWords {
  readonly etpKbps: number | undefined;
  readonly duress: boolean;
}

const serverParams = z.object({ etp: whole.optional(), du: z.boolean().optional() });

/** CMSD-Dynamic. Undefined: nothing that can be understood. */
export function readCmsdDynamic(header: string): ServerWords | undefined {
  try {
    const last: unknown = header.length > longestReport ? undefined : decodeSfList(header).at(-1);
    if (typeof last !== "object" || last === null) return undefined;
    const { etp, du } = serverParams.parse("params" in last ? (last.params ?? {}) : {});
    return { etpKbps: etp, duress: du === true };
  } catch {
    return undefined;
  }
}

/** A string of structured fields holds printable ASCII only. Source: RFC 9651 §3.3.3. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, "?").slice(0, longestText);
}

const ofPicture = (value: number) => [toCmcdValue(value, { v: true })];

const ofTypes = new Set(["bl", "br", "tb", "mtp", "bsa", "bsda"]);

/** Of a list by object type (v, a, …), the first: ours have one. Undefined: no structured fields. */
function fieldsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const decoded: Readonly<Record<string, unknown>> = decodeCmcd(text);
    return Object.fromEntries(
      Object.entries(decoded).map(([key, value]) => [
        key,
        ofTypes.has(key) && Array.isArray(value) ? bare(value[0]) : value,
      ]),
    );
  } catch {
    return undefined;
  }
}

function bare(item: unknown): unknown {
  return typeof item === "object" && item !== null && "value" in item ? item.value : item;
}
