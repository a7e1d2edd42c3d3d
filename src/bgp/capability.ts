// What a speaker says it can do when it opens. Unknown capabilities are passed over (RFC 5492 §3).
import { afiOf, type Family, familyOf, unicast } from "./family.ts";
import { joined, octets16, octets32, u16, u32 } from "./message.ts";

const multiprotocolCode = 1;
const refreshCode = 2;
const extendedMessageCode = 6;
const gracefulRestartCode = 64;
const fourOctetAsCode = 65;
const addPathCode = 69;
const enhancedRefreshCode = 70;

/** RFC 4724 §3. */
export interface GracefulRestart {
  /** The speaker has just restarted. */
  readonly isRestarted: boolean;
  /** How long its routes may be kept while it restarts. */
  readonly restartSeconds: number;
  readonly families: readonly { readonly family: Family; readonly isForwardingKept: boolean }[];
}

export interface AddPath {
  readonly family: Family;
  /** What the speaker would do (RFC 7911 §4). */
  readonly direction: "receive" | "send" | "both";
}

export interface Capabilities {
  readonly families: readonly Family[];
  readonly refresh: boolean;
  readonly enhancedRefresh: boolean;
  readonly extendedMessage: boolean;
  readonly fourOctetAs: number | undefined;
  readonly addPath: readonly AddPath[];
  readonly gracefulRestart: GracefulRestart | undefined;
}

export type CapabilitiesReading =
  | { readonly kind: "read"; readonly capabilities: Capabilities }
  | { readonly kind: "refused"; readonly because: string };

type Draft = { -readonly [K in keyof Capabilities]: Capabilities[K] };

const directions = ["receive", "send", "both"] as const;

export const noCapabilities: Capabilities = {
  families: [],
  refresh: false,
  enhancedRefresh: false,
  extendedMessage: false,
  fourOctetAs: undefined,
  addPath: [],
  gracefulRestart: undefined,
};

/** Reads the values of all capability parameters of one OPEN. The last word on a capability counts. */
export function readCapabilities(values: readonly Uint8Array[]): CapabilitiesReading {
  const draft: Draft = { ...noCapabilities };
  for (const bytes of values) {
    let at = 0;
    while (at < bytes.length) {
      const length = bytes[at + 1];
      if (length === undefined || at + 2 + length > bytes.length) {
        return { kind: "refused", because: "a capability is longer than its parameter" };
      }
      const because = take(draft, bytes[at] ?? 0, bytes.subarray(at + 2, at + 2 + length));
      if (because !== undefined) return { kind: "refused", because };
      at += 2 + length;
    }
  }
  return { kind: "read", capabilities: draft };
}

function take(draft: Draft, code: number, value: Uint8Array): string | undefined {
  switch (code) {
    case multiprotocolCode: {
      if (value.length !== 4) return `the multiprotocol capability has ${value.length} octets; wanted 4`;
      const family = familyOf(u16(value, 0), value[3] ?? 0);
      if (family !== undefined && !draft.families.includes(family))
        draft.families = [...draft.families, family];
      return undefined;
    }
    case fourOctetAsCode:
      if (value.length !== 4) return `the four-octet AS capability has ${value.length} octets; wanted 4`;
      draft.fourOctetAs = u32(value, 0);
      return undefined;
    case refreshCode:
      draft.refresh = true;
      return undefined;
    case enhancedRefreshCode:
      draft.enhancedRefresh = true;
      return undefined;
    case extendedMessageCode:
      draft.extendedMessage = true;
      return undefined;
    case addPathCode:
      draft.addPath = readAddPath(value);
      return undefined;
    case gracefulRestartCode:
      draft.gracefulRestart = readGracefulRestart(value);
      return undefined;
    default:
      return undefined;
  }
}

/** A direction other than 1, 2 or 3 is passed over, and so is a list of broken length (RFC 7911 §4). */
function readAddPath(value: Uint8Array): readonly AddPath[] {
  const found: AddPath[] = [];
  if (value.length % 4 !== 0) return found;
  for (let at = 0; at < value.length; at += 4) {
    const family = familyOf(u16(value, at), value[at + 2] ?? 0);
    const direction = directions[(value[at + 3] ?? 0) - 1];
    if (family !== undefined && direction !== undefined) found.push({ family, direction });
  }
  return found;
}

function readGracefulRestart(value: Uint8Array): GracefulRestart | undefined {
  if (value.length % 4 !== 2) return undefined;
  const kept: { family: Family; isForwardingKept: boolean }[] = [];
  for (let at = 2; at < value.length; at += 4) {
    const family = familyOf(u16(value, at), value[at + 2] ?? 0);
    if (family !== undefined) kept.push({ family, isForwardingKept: ((value[at + 3] ?? 0) & 0x80) !== 0 });
  }
  const head = u16(value, 0);
  return { isRestarted: (head & 0x8000) !== 0, restartSeconds: head & 0xfff, families: kept };
}

/** The same as octets: the value of one capability parameter. */
export function writeCapabilities(capabilities: Capabilities): Uint8Array {
  const { fourOctetAs, gracefulRestart, addPath } = capabilities;
  const parts = capabilities.families.map((family) =>
    capability(multiprotocolCode, octets16(afiOf(family)), Uint8Array.of(0, unicast)),
  );
  if (capabilities.refresh) parts.push(capability(refreshCode));
  if (capabilities.extendedMessage) parts.push(capability(extendedMessageCode));
  if (gracefulRestart !== undefined) {
    const { isRestarted, restartSeconds, families } = gracefulRestart;
    const kept = families.map(({ family, isForwardingKept }) =>
      Uint8Array.of(0, afiOf(family), unicast, isForwardingKept ? 0x80 : 0),
    );
    parts.push(
      capability(gracefulRestartCode, octets16((isRestarted ? 0x8000 : 0) | restartSeconds), ...kept),
    );
  }
  if (fourOctetAs !== undefined) parts.push(capability(fourOctetAsCode, octets32(fourOctetAs)));
  if (addPath.length > 0) {
    const rows = addPath.map(({ family, direction }) =>
      Uint8Array.of(0, afiOf(family), unicast, directions.indexOf(direction) + 1),
    );
    parts.push(capability(addPathCode, ...rows));
  }
  if (capabilities.enhancedRefresh) parts.push(capability(enhancedRefreshCode));
  return joined(parts);
}

function capability(code: number, ...value: readonly Uint8Array[]): Uint8Array {
  const body = joined(value);
  return joined([Uint8Array.of(code, body.length), body]);
}
