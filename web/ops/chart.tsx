// A live series: lines on axes with units, and what they come to at the moment that is pointed at, by mouse or arrow keys.
import "./chart.css";
import type { KeyboardEvent, ReactElement } from "react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useLanguage } from "#web/words/language.ts";
import { type ChartBand, type ChartCanvas, chartCanvas } from "./chart-canvas.ts";
import { type Aligned, aligned, type ChartLine, stepped, told } from "./chart-data.ts";

interface ChartProps {
  /** What it shows, for those who cannot see it. */
  readonly label: string;
  /** Other arrays are drawn anew. */
  readonly lines: readonly ChartLine[];
  readonly write: (value: number) => string;
  /** Of the axis; absent: from the first moment to the last. */
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly height?: number;
  readonly holeMs?: number;
  readonly bands?: readonly ChartBand[];
  readonly markMs?: number | undefined;
  readonly area?: boolean;
  readonly valueRoom?: number;
  /** How a moment is written; absent: as time of day. */
  readonly writeAt?: (atMs: number) => string;
}

const noBands: readonly ChartBand[] = [];

export function Chart(props: ChartProps): ReactElement {
  const { label, lines, holeMs } = props;
  const data = useMemo(() => aligned(lines, holeMs), [lines, holeMs]);
  const moments = useMemo(() => told(data), [data]);
  if (moments.length === 0) return <p className="chart" role="img" aria-label={label} />;
  return <Drawn {...props} data={data} moments={moments} />;
}

type DrawnProps = ChartProps & { readonly data: Aligned; readonly moments: readonly number[] };

function Drawn(props: DrawnProps): ReactElement {
  const { label, lines, write, data, moments } = props;
  const { locale } = useLanguage();
  const clock = useMemo(
    () => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    [locale],
  );
  const writeAt = props.writeAt ?? clock.format;
  const [pointed, setPointed] = useState<number>();
  const { holder, canvas } = useCanvas(props, writeAt, setPointed);
  const last = moments.length - 1;
  const at = pointed !== undefined && pointed < data.atMs.length ? pointed : (moments[last] ?? 0);
  const values = lines.map(({ name, colour }, line) => {
    const value = data.values[line]?.[at];
    return { name, colour, words: typeof value === "number" ? write(value) : "–" };
  });
  const when = writeAt(data.atMs[at] ?? 0);
  const words = values.map(({ name, words: said }) => (name === "" ? said : `${name} ${said}`));
  const walk = (event: KeyboardEvent): void => {
    const next = event.key === "Escape" ? undefined : stepped(moments, at, event.key);
    if (next === undefined && (event.key !== "Escape" || pointed === undefined)) return;
    event.preventDefault();
    event.stopPropagation();
    canvas.current?.point(next);
  };
  return (
    <div className="chart">
      <div
        className="chart-lines"
        dir="ltr"
        ref={holder}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={Math.max(
          0,
          moments.findLastIndex((one) => one <= at),
        )}
        aria-valuetext={`${when}: ${words.join(", ")}`}
        onKeyDown={walk}
      />
      <p className="readout">
        <time>{when}</time>
        {values.map(({ name, colour, words: said }) => (
          <span key={name}>
            {values.length > 1 && <i className={`key ${colour}`} />} {name !== "" && <bdi>{name}</bdi>}{" "}
            <bdi>{said}</bdi>
          </span>
        ))}
      </p>
    </div>
  );
}

/** The canvas, made anew when its shape changes, and told what to draw when that does. */
function useCanvas(
  props: DrawnProps,
  writeAt: (atMs: number) => string,
  onPoint: (at: number | undefined) => void,
) {
  const { lines, data, fromMs, untilMs, write, bands = noBands, markMs } = props;
  const { height = 190, area = false, valueRoom } = props;
  const isClock = props.writeAt === undefined;
  const holder = useRef<HTMLDivElement>(null);
  const canvas = useRef<ChartCanvas>(undefined);
  const colours = lines.map(({ colour }) => colour).join(" ");
  const sheet = useMemo(
    () => ({
      ...{ data, write, writeAt, bands, markMs },
      fromMs: fromMs ?? data.atMs[0] ?? 0,
      untilMs: untilMs ?? data.atMs.at(-1) ?? 1,
    }),
    [data, write, writeAt, bands, markMs, fromMs, untilMs],
  );
  const latest = useRef(sheet);
  latest.current = sheet;
  // biome-ignore lint/correctness/useExhaustiveDependencies: of lines only the colours make another shape.
  useEffect(() => {
    const element = holder.current;
    if (element === null) return;
    const shape = { height, area, valueRoom, isClock, colours: lines.map(({ colour }) => colour) };
    const made = chartCanvas(element, shape, latest.current, onPoint);
    canvas.current = made;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) made.resize(width);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      canvas.current = undefined;
      made.destroy();
    };
  }, [height, area, valueRoom, isClock, colours, onPoint]);
  useEffect(() => canvas.current?.show(sheet), [sheet]);
  return { holder, canvas };
}
