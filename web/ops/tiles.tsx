// The figures of the last hour, each from its own endpoint, so that one that fails leaves the others alone.
import type { ReactElement } from "react";
import { digits, formatBytes, formatDuration, formatRate, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsMisses } from "#wire/misses.ts";
import type { OpsQuality, OpsQualityDefinitions } from "#wire/quality.ts";
import type { SeriesAnswer } from "#wire/series.ts";
import { useAgo } from "./ago.ts";
import type { ChartLine } from "./chart-data.ts";
import { getOpsMap, getOpsMisses, getOpsQoe, getOpsQoeDefinitions, getOpsSeries } from "./client.ts";
import { linesOf, type Measured, offloadOf, qualityHour } from "./overview-figures.ts";
import { overviewWords } from "./overview-words.ts";
import { Tile, type TileFigure } from "./tile.tsx";

/** Series are read once a minute. */
const seriesMs = 15_000;
const liveMs = 4000;
const hour = { s: "e-1h" } as const;
const seconds = 1000;

interface TileFrame {
  readonly email: string;
}

export function Tiles({ email }: TileFrame): ReactElement {
  const definitions = useResource(getOpsQoeDefinitions()).value?.definitions ?? [];
  return (
    <div className="tiles">
      <Startup email={email} definitions={definitions} />
      <Quality email={email} definitions={definitions} />
      <OffloadTile email={email} />
      <Watching email={email} />
      <Sending email={email} />
    </div>
  );
}

interface DefinedFrame extends TileFrame {
  readonly definitions: OpsQualityDefinitions["definitions"];
}

function Startup({ email, definitions }: DefinedFrame): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsSeries({ q: "name,millrace_startup_seconds,:eq,(,50,95,),:percentiles", ...hour });
  const resource = useResource({ ...asked, everyMs: seriesMs });
  const figure = (answer: SeriesAnswer): TileFigure => {
    const [half, slow] = linesOf(answer);
    const format = (value: number): string => formatDuration(value * seconds);
    const last = half?.last ?? undefined;
    return {
      value: last && format(last.value),
      sub:
        last === undefined
          ? say("startupEmpty")
          : say("startupSub", { slow: format(slow?.last?.value ?? Number.NaN) }),
      lines: [
        { name: say("startupHalf"), colour: "accent", points: half?.points ?? [] },
        { name: say("startupMost"), colour: "height-4", points: slow?.points ?? [] },
      ],
      format,
    };
  };
  return (
    <Tile
      {...{ id: "startup", name: say("startup"), path: asked.path, email, resource, figure }}
      meaning={definitions.filter(({ id }) => id === "startupMedian" || id === "startupSlow")}
    />
  );
}

function Quality({ email, definitions }: DefinedFrame): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsQoe({ by: "device" });
  const resource = useResource({ ...asked, everyMs: seriesMs });
  const shared = { path: asked.path, email, resource };
  const meaning = (...ids: readonly string[]) => definitions.filter(({ id }) => ids.includes(id));
  const stalled = (answer: OpsQuality): TileFigure => {
    const { stall, stalls } = qualityHour(answer);
    return shareOf(stall, stall.whole === null ? say("qualityEmpty") : say("stalledSub", { stalls }));
  };
  const failed = (answer: OpsQuality): TileFigure => {
    const { failed: of, plays, startFailures: start, failures: inPlay } = qualityHour(answer);
    return shareOf(of, of.whole === null ? say("qualityEmpty") : say("failedSub", { plays, start, inPlay }));
  };
  return (
    <>
      <Tile
        {...shared}
        id="stalled"
        name={say("stalled")}
        meaning={meaning("stallRatio", "stalls")}
        figure={stalled}
      />
      <Tile
        {...shared}
        id="failed"
        name={say("failed")}
        meaning={meaning("startFailures", "failures", "plays")}
        figure={failed}
      />
    </>
  );
}

function alone(points: ChartLine["points"]): ChartLine {
  return { name: "", colour: "accent", points };
}

function shareOf({ whole, points }: Measured, sub: string): TileFigure {
  return {
    value: whole === null ? undefined : formatShare(whole),
    sub,
    lines: [alone(points)],
    format: formatShare,
  };
}

function OffloadTile({ email }: TileFrame): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsMisses({});
  const resource = useResource({ ...asked, everyMs: seriesMs });
  const figure = (answer: OpsMisses): TileFigure => {
    const { bytes, share } = offloadOf(answer);
    const words = say("offloadSub", { bytes: formatBytes(bytes) });
    return shareOf(share, share.whole === null ? say("offloadEmpty") : words);
  };
  return (
    <Tile
      {...{ id: "offload", name: say("offload"), path: asked.path, email, resource, figure }}
      meaning={say("offloadMeaning")}
    />
  );
}

function Watching({ email }: TileFrame): ReactElement {
  const say = useWords(overviewWords);
  const asked = getOpsMap();
  const resource = useResource({ ...asked, everyMs: liveMs });
  const ended = useResource({ ...getOpsQoe({ by: "appliance" }), everyMs: seriesMs }).value;
  return (
    <Tile
      {...{ id: "watching", name: say("watching"), path: asked.path, email, resource }}
      meaning={say("watchingMeaning")}
      figure={({ flows, sessionsSinceMs }) => ({
        // Older plays that go on are not among them.
        value: `${sessionsSinceMs === null ? "" : "≥ "}${flows.reduce((sum, { sessions }) => sum + sessions, 0)}`,
        sub: say("watchingSub", { boxes: new Set(flows.map(({ applianceId }) => applianceId)).size }),
        lines: [alone(watchedBy(ended))],
        format: digits,
      })}
    />
  );
}

/** Who was watching at the end of each minute, over all sources. */
function watchedBy(answer: OpsQuality | undefined): ChartLine["points"] {
  if (answer === undefined) return [];
  const windows = answer.groups.flatMap((group) => group.windows);
  const byStart = Map.groupBy(windows, ({ startMs }) => startMs);
  return Array.from({ length: 60 }, (_, at) => {
    const atMs = answer.untilMs - (60 - at) * answer.stepMs;
    const found = byStart.get(atMs);
    return {
      atMs,
      value: found === undefined ? null : found.reduce((sum, one) => sum + (one.atEnd ?? 0), 0),
    };
  });
}

function Sending({ email }: TileFrame): ReactElement {
  const say = useWords(overviewWords);
  const ago = useAgo();
  const asked = getOpsSeries({ q: "name,millrace_appliance_sent_bits_per_second,:eq,:sum", ...hour });
  const resource = useResource({ ...asked, everyMs: seriesMs });
  const figure = (answer: SeriesAnswer, atMs: number): TileFigure => {
    const [line] = linesOf(answer);
    const last = line?.last ?? undefined;
    return {
      value: last && formatRate(last.value),
      sub: last === undefined ? say("sendingEmpty") : say("sendingSub", { ago: ago(last.atMs, atMs) }),
      lines: [alone(line?.points ?? [])],
      format: formatRate,
    };
  };
  return (
    <Tile
      {...{ id: "sending", name: say("sending"), path: asked.path, email, resource, figure }}
      meaning={say("sendingMeaning")}
    />
  );
}
