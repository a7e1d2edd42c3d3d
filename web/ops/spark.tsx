// A line of the last hour, small: its shape says what its figure cannot.
import type { ReactElement } from "react";
import { height, type SparkPoint, sparkPath, width } from "./spark-path.ts";

interface SparkProps {
  readonly label: string;
  readonly points: readonly SparkPoint[];
  /** A second line behind the first. */
  readonly behind?: readonly SparkPoint[];
}

export function Spark({ label, points, behind = [] }: SparkProps): ReactElement {
  const most = Math.max(0, ...[...points, ...behind].map(({ value }) => value ?? 0));
  const [from, until] = [points[0]?.atMs ?? 0, points.at(-1)?.atMs ?? 1];
  const path = (line: readonly SparkPoint[]): string => sparkPath(line, { from, until, most });
  return (
    <svg
      className="spark"
      viewBox={`0 -2 ${width} ${height + 4}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line className="ground" x1={0} x2={width} y1={height} y2={height} />
      {behind.length > 0 && <path className="behind" d={path(behind)} />}
      <path d={path(points)} />
    </svg>
  );
}
