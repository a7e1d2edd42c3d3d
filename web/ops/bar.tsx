// Quantities as bars: words, numbers and a drawing whose meaning the words already give.
import type { ReactElement } from "react";
import { fraction } from "#web/format.ts";

export interface Part {
  readonly name: string;
  readonly value: number;
}

interface GaugeProps {
  readonly label: string;
  readonly parts: readonly Part[];
  /** What the full length stands for. */
  readonly whole: number;
}

/** Parts of a whole, side by side. */
export function Gauge({ label, parts, whole }: GaugeProps): ReactElement {
  return (
    <svg className="gauge" viewBox="0 0 100 1" preserveAspectRatio="none" role="img" aria-label={label}>
      {parts.map((part, index) => (
        <rect
          key={part.name}
          className={`part-${index + 1}`}
          x={100 * fraction(sumOf(parts.slice(0, index)), whole)}
          width={100 * fraction(part.value, whole)}
          height={1}
        />
      ))}
    </svg>
  );
}

interface BarProps {
  readonly name: string;
  readonly parts: readonly Part[];
  readonly whole: number;
  readonly text: string;
}

export function Bar({ name, parts, whole, text }: BarProps): ReactElement {
  return (
    <div className="bar-of">
      <span>{name}</span>
      <span className="number">{text}</span>
      <Gauge label={`${name}: ${text}`} parts={parts} whole={whole} />
    </div>
  );
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((total, part) => total + part.value, 0);
}
