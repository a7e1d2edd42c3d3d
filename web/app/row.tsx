// One row of films: swipes and scrolls sideways, arrow keys walk along it.
import type { KeyboardEvent, ReactElement } from "react";
import type { TitleCard } from "#wire/viewer.ts";
import { Card } from "./card.tsx";

interface RowProps {
  readonly id: string;
  readonly title: string;
  readonly items: readonly TitleCard[];
}

export function Row({ id, title, items }: RowProps): ReactElement {
  const heading = `row-${id}`;
  return (
    <section className="row" aria-labelledby={heading}>
      <h2 id={heading}>{title}</h2>
      <ul onKeyDown={walk}>
        {items.map((item) => (
          <li key={item.id}>
            <Card item={item} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const cards = [...event.currentTarget.querySelectorAll("a")];
  const at = cards.findIndex((card) => card.matches(":focus"));
  const target = cards[targetOf(event.key, at, cards.length)];
  if (at < 0 || target === undefined) return;
  event.preventDefault();
  target.focus();
  target.scrollIntoView({ block: "nearest", inline: "center" });
}

/** Index to move to; outside the row means the key is not ours. */
function targetOf(key: string, at: number, count: number): number {
  switch (key) {
    case "ArrowRight":
      return at + 1;
    case "ArrowLeft":
      return at - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}
