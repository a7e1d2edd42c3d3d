// A quantity against its limit: words, numbers and a bar.
import type { ReactElement } from "react";
import { fraction } from "#web/format.ts";

interface BarProps {
  readonly name: string;
  readonly part: number;
  readonly whole: number;
  readonly text: string;
}

export function Bar({ name, part, whole, text }: BarProps): ReactElement {
  return (
    <div className="bar-of">
      <span>{name}</span>
      <span className="number">{text}</span>
      <meter value={fraction(part, whole)} aria-label={`${name}: ${text}`} />
    </div>
  );
}

interface SplitProps {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly text: string }[];
}

/** Two or more parts of one sum, side by side; empty while the sum is nothing. */
export function Split({ name, parts }: SplitProps): ReactElement {
  const sum = parts.reduce((total, part) => total + part.value, 0);
  const words = parts.map((part) => `${part.text} ${part.name}`).join(" · ");
  return (
    <div className="bar-of">
      <span>{name}</span>
      <span className="number">{words}</span>
      <svg
        className="split"
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${name}: ${words}`}
      >
        {parts.map((part, index) => (
          <rect
            key={part.name}
            className={`part-${index + 1}`}
            x={100 * fraction(sumBefore(parts, index), sum)}
            width={100 * fraction(part.value, sum)}
            height={1}
          />
        ))}
      </svg>
    </div>
  );
}

function sumBefore(parts: SplitProps["parts"], index: number): number {
  return parts.slice(0, index).reduce((total, part) => total + part.value, 0);
}
