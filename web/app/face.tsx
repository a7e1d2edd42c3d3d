// A profile as a letter on its own colour, the same on every page.
import type { ReactElement } from "react";

const colours = 6;

export function Face({ id, name }: { readonly id: string; readonly name: string }): ReactElement {
  const sum = [...id].reduce((total, letter) => (total * 31 + (letter.codePointAt(0) ?? 0)) % 9973, 7);
  const letter = [...name.trim()][0]?.toLocaleUpperCase() ?? "·";
  return (
    <span className={`face face-${(sum % colours) + 1}`} aria-hidden="true">
      {letter}
    </span>
  );
}
