// A panel that asks for what it shows.
import type { ReactElement, ReactNode } from "react";
import { type Asked, useResource } from "#web/use-resource.ts";
import { Panel } from "./panel.tsx";

interface AskedPanelProps<T> {
  readonly id: string;
  readonly title: string;
  readonly email: string;
  readonly asked: Asked<T>;
  /** What is asked or ordered, there whatever the answer is; `reload` asks again. */
  readonly question?: (reload: () => void) => ReactNode;
  readonly children: (value: T, about: { readonly nowMs: number; readonly reload: () => void }) => ReactNode;
}

export function AskedPanel<T>(props: AskedPanelProps<T>): ReactElement {
  const { id, title, email, asked, question, children } = props;
  const resource = useResource(asked);
  const { reload } = resource;
  return (
    <Panel {...{ id, title, email, resource }} path={asked.path} question={question?.(reload)}>
      {(value, nowMs) => children(value, { nowMs, reload })}
    </Panel>
  );
}
