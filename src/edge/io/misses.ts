// Misses as the agent needs them: what nginx shall do, from the settings, and what the report says.
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import type { WantedBundle } from "#edge/fill-state.ts";
import { missState } from "#edge/miss-answer.ts";
import { type MissList, missesIn, mostMissed, noMisses, record } from "#edge/miss-list.ts";
import type { MissState } from "#edge/nginx-state.ts";
import type { edgeSettings } from "#edge/settings.ts";
import { bytes } from "#units/quantity.ts";
import type { ApplianceReport } from "#wire/appliance.ts";

/** Of one report. */
const mostTold = 50;

export function missOf(
  settings: Values<typeof edgeSettings>,
  plan: readonly WantedBundle[],
  prefixDir: string,
): MissState {
  const { missAnswer, pullTitles, pullBytes } = settings;
  const answer = missAnswer === "302" || missAnswer === "307" ? missAnswer : "404";
  return missState(
    { answer, pullTitles, pullBytes: bytes(pullBytes), folder: join(prefixDir, "pull") },
    plan,
  );
}

/** The list over one life of an agent. */
export class MissBook {
  #list: MissList = noMisses;

  /** Takes lines of the access log, each once; says which files they miss: "title/path". */
  read(lines: string): readonly string[] {
    const misses = missesIn(lines);
    this.#list = record(this.#list, misses);
    return [...new Set(misses.map(({ titleId, path }) => `${titleId}/${path}`))];
  }

  /** Its part of the agent's report. */
  told(): Pick<ApplianceReport, "misses"> {
    const { total } = this.#list;
    return total === 0 ? {} : { misses: { total, files: [...mostMissed(this.#list, mostTold)] } };
  }
}
