// Our rule as Shaka's managers, told what this page measured and heard.
import { ShakaManagers } from "#abr/shaka-managers.ts";
import { estimateKbps, estimateLatencyMs } from "#play/estimator.ts";
import type { Sidecar } from "#wire/sidecar.ts";
import type { Choices } from "./choices.ts";
import type { CmcdTeller } from "./cmcd.ts";
import { EarlierPlays, localPorts } from "./earlier-plays.ts";
import type { Recorder } from "./recorder.ts";
import type { Variant } from "./shaka.ts";

export type Managers = ShakaManagers<Variant>;

export interface ManagersOrder {
  readonly sizes: Sidecar;
  readonly maxBufferMs: number;
  readonly recorder: Recorder;
  readonly cmcd: CmcdTeller | undefined;
  readonly bufferMs: () => number;
  readonly choices: Choices;
}

export function managersFor(order: ManagersOrder): Managers {
  const { sizes, maxBufferMs, recorder, cmcd, bufferMs, choices } = order;
  const earlier = new EarlierPlays(localPorts());
  return new ShakaManagers<Variant>({
    ...{ sizes, maxBufferMs, priorKbps: earlier.kbps(), bufferMs },
    ...{ rule: choices.rule, highest: choices.highest },
    throughput: () => {
      const { estimator } = recorder;
      const own = estimateKbps(estimator);
      return { kbps: cmcd?.hinted(own) ?? own, latencyMs: estimateLatencyMs(estimator) };
    },
    measured: (segment, rendition) => recorder.measured(segment, rendition),
    onDecision: (decision) => {
      cmcd?.paced(decision.paceKbps);
      recorder.decided(decision);
      earlier.remember(estimateKbps(recorder.estimator));
    },
  });
}
