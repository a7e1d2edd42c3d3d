// What a player says of itself when it asks for steering: the pathways that it used since it last asked, and how fast they were.
// Sources: draft-pantos-hls-rfc8216bis §7.1 (_HLS_pathway, _HLS_throughput), ETSI TS 103 998 §6.3 (_DASH_pathway,
// _DASH_throughput). Players differ: dash.js puts its list in quotes and leaves a place empty that it did not measure, hls.js
// and Shaka Player send one bare id.
import { idPattern } from "#units/id.ts";
import { type BitsPerSecond, bitsPerSecond } from "#units/quantity.ts";

export interface UsedPathway {
  readonly id: string;
  /** As the player measured it; undefined where it did not. */
  readonly throughput: BitsPerSecond | undefined;
}

/** No player uses more between two answers. */
const mostPathways = 16;
/** 10 Tbit/s: whoever says more did not measure it. */
const mostThroughput = 1e13;

/** `query` is the text behind the question mark. What cannot be read counts as not said: no query is refused. */
export function readPathwayQuery(query: string): readonly UsedPathway[] {
  const said = new URLSearchParams(query);
  const used = new Map<string, UsedPathway>();
  for (const kind of ["HLS", "DASH"]) {
    const ids = entriesOf(said.getAll(`_${kind}_pathway`));
    const rates = entriesOf(said.getAll(`_${kind}_throughput`));
    for (const [index, id] of ids.entries()) {
      if (!idPattern.test(id) || used.has(id) || used.size >= mostPathways) continue;
      used.set(id, { id, throughput: throughputOf(rates[index]) });
    }
  }
  return [...used.values()];
}

/** A parameter that comes twice counts as it came last: some players append to what they were given. */
function entriesOf(values: readonly string[]): readonly string[] {
  const text = values.at(-1) ?? "";
  return text.split(",", mostPathways).map((entry) => entry.replaceAll('"', "").trim());
}

function throughputOf(text: string | undefined): BitsPerSecond | undefined {
  if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 && value <= mostThroughput ? bitsPerSecond(value) : undefined;
}
