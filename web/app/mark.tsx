// The mark: water on its way.
import type { ReactElement } from "react";

export function Mark(): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M4 21c4-5 8-5 12 0s8 5 12 0" />
      <path d="M4 12c4-5 8-5 12 0s8 5 12 0" opacity="0.55" />
    </svg>
  );
}
