// The head of every page of the console: what it is called, what it answers, and what one can do there.
import type { ReactElement, ReactNode } from "react";

interface PageHeadProps {
  readonly title: string;
  /** One sentence. */
  readonly about: string;
  readonly children?: ReactNode;
}

export function PageHead({ title, about, children }: PageHeadProps): ReactElement {
  return (
    <header className="page-head">
      <div>
        <h1>{title}</h1>
        <p className="soft">{about}</p>
      </div>
      {children}
    </header>
  );
}
