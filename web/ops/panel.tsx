// The frame of every panel: name, freshness, "copy as curl", and its own trouble when its endpoint fails.
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import type { ApiError } from "#web/api.ts";
import { Loading } from "#web/notice.tsx";
import type { Resource } from "#web/use-resource.ts";
import { curlOf } from "./curl.ts";

interface PanelProps<T> {
  readonly id: string;
  readonly title: string;
  /** The endpoint behind it; undefined while there is nothing to ask. */
  readonly path: string | undefined;
  readonly email: string;
  readonly resource: Resource<T>;
  /** What is asked; there whatever the answer is. */
  readonly question?: ReactNode;
  readonly children: (value: T, atMs: number) => ReactNode;
}

export function Panel<T>(props: PanelProps<T>): ReactElement {
  const { id, title, path, email, resource, question, children } = props;
  const { value, error, atMs, reload } = resource;
  return (
    <section className="panel" id={id} aria-labelledby={`${id}-heading`}>
      <header>
        <h2 id={`${id}-heading`}>{title}</h2>
        {atMs !== undefined && (
          <span className="faint">as of {new Date(atMs).toLocaleTimeString("en-GB")}</span>
        )}
        {path !== undefined && <CopyCurl path={path} email={email} />}
      </header>
      {question}
      {error !== undefined && value !== undefined && (
        <p className="stale" role="alert">
          Not refreshed since: {error.message}
        </p>
      )}
      {value !== undefined && atMs !== undefined && children(value, atMs)}
      {value === undefined && error !== undefined && <PanelTrouble error={error} retry={reload} />}
      {value === undefined && error === undefined && <Loading what="Fetching" />}
    </section>
  );
}

interface TroubleProps {
  readonly error: ApiError;
  readonly retry: () => void;
}

/** The control plane's own sentence: an operator needs no gentler words. */
export function PanelTrouble({ error, retry }: TroubleProps): ReactElement {
  return (
    <div className="failed-panel" role="alert">
      <p className="problem">
        {error.message} <code>{error.code}</code>
      </p>
      <button type="button" className="quiet" onClick={retry}>
        Try again
      </button>
    </div>
  );
}

type Copied = "no" | "copied" | "shown";

/** Copies the command, or shows it where the browser gives no clipboard (plain http on another host). */
export function CopyCurl({ path, email }: { readonly path: string; readonly email: string }): ReactElement {
  const [copied, setCopied] = useState<Copied>("no");
  const text = curlOf(location.origin, path, email);
  const copy = (): void => {
    const shown = (): void => setCopied("shown");
    if (isSecureContext) navigator.clipboard.writeText(text).then(() => setCopied("copied"), shown);
    else shown();
  };
  return (
    <>
      <button type="button" className="quiet" onClick={copy} aria-live="polite">
        {copied === "copied" ? "Copied" : "Copy as curl"}
      </button>
      {copied === "shown" && (
        <pre className="curl">
          <code>{text}</code>
        </pre>
      )}
    </>
  );
}

interface FactsProps {
  readonly facts: readonly (readonly [name: string, value: ReactNode, hint?: string])[];
}

/** Figures in a line, each under its name. */
export function Facts({ facts }: FactsProps): ReactElement {
  return (
    <dl className="figures">
      {facts.map(([name, value, hint]) => (
        <div key={name}>
          <dt title={hint}>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface MoreProps {
  readonly shown: number;
  readonly all: number;
  readonly onMore: () => void;
}

/** Below a list that is cut, so that a page stays small however much there is. */
export function More({ shown, all, onMore }: MoreProps): ReactElement | null {
  if (shown >= all) return null;
  return (
    <button type="button" className="quiet more" onClick={onMore}>
      Show more ({shown} of {all.toLocaleString("en")})
    </button>
  );
}
