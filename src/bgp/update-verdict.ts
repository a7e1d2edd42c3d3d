// What a message's flaws come to: kept, taken as a withdrawal, or the end of the session. Source: RFC 7606 §3 and §5.2.
import { asPathCode, type Cost, dearer, originCode } from "./attribute-rules.ts";
import { type ProtocolError, protocolError } from "./message.ts";
import type { AttributeFault, AttributesReading } from "./path-attributes.ts";
import type { UpdateParts } from "./update.ts";

export type Verdict =
  | { readonly kind: "kept"; readonly discarded: number }
  | { readonly kind: "withdrawn"; readonly because: string }
  | { readonly kind: "broken"; readonly error: ProtocolError };

export function judge(parts: UpdateParts, reading: AttributesReading): Verdict {
  const hasPrefixes = parts.announced.length > 0;
  const faults = [...reading.faults, ...(hasPrefixes ? missing(reading) : []), ...flaw(parts)];
  let cost: Cost | undefined;
  for (const fault of faults) cost = dearer(cost, fault.cost);
  if (cost === undefined || cost === "discard") return { kind: "kept", discarded: faults.length };
  const first = faults.find((fault) => fault.cost === cost);
  const because = first?.because ?? "";
  // RFC 7606 §5.2: without prefixes nothing can be withdrawn, and some may have been lost in the broken part.
  if (cost === "withdraw" && hasPrefixes) return { kind: "withdrawn", because };
  return { kind: "broken", error: protocolError(3, first?.subcode ?? 0, because) };
}

/** Well-known attributes that no route may lack (RFC 7606 §3.d). NEXT_HOP is looked for where the prefixes are. */
function missing({ attributes, faults }: AttributesReading): readonly AttributeFault[] {
  const wanted = [
    { code: originCode, name: "ORIGIN", isThere: attributes.origin !== undefined },
    { code: asPathCode, name: "AS_PATH", isThere: attributes.asPath !== undefined },
  ];
  return wanted
    .filter(({ code, isThere }) => !isThere && !faults.some((fault) => fault.code === code))
    .map(({ code, name }) => ({ code, cost: "withdraw", subcode: 3, because: `${name} is missing` }));
}

function flaw({ flawed }: UpdateParts): readonly AttributeFault[] {
  return flawed === undefined ? [] : [{ code: 0, cost: "withdraw", subcode: 1, because: flawed }];
}
