// Holds a table that may be wider than the page: it scrolls by itself, by keyboard too.
import type { ReactElement, ReactNode } from "react";

export function Wide({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <div className="wide" tabIndex={0}>
      {children}
    </div>
  );
}
