// Catches what a page throws while it is drawn or fetched, so that a mistake in one part never leaves an empty window.
import type { ReactElement, ReactNode } from "react";
import { Component } from "react";

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly failure: Error | undefined;
}

/** React asks for a class here: there is no hook for it. */
export class Boundary extends Component<Props, State> {
  override state: State = { failure: undefined };

  static getDerivedStateFromError(failure: unknown): State {
    return { failure: failure instanceof Error ? failure : new Error(String(failure)) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === undefined) return this.props.children;
    return <Broken failure={failure} />;
  }
}

/** In place of a part that could not be drawn. In English alone: the words themselves may be what is missing. */
export function Broken({ failure }: { readonly failure: Error }): ReactElement {
  return (
    <div className="notice" role="alert" lang="en" dir="ltr">
      <h2>This part of the page failed</h2>
      <p>It may be older than the control plane, or the connection was lost while it was fetched.</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        Reload the page
      </button>
      <p className="faint">{failure.message}</p>
    </div>
  );
}
