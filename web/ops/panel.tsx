// The frame of every panel: name, freshness, "copy as curl", and its own trouble when its endpoint fails.
import type { ReactElement, ReactNode } from "react";
import { useState } from "react";
import type { ApiError } from "#web/api.ts";
import { Loading } from "#web/notice.tsx";
import type { Resource } from "#web/use-resource.ts";
import { useLanguage } from "#web/words/language.ts";
import { useWords } from "#web/words/say.ts";
import { curlOf } from "./curl.ts";
import { panelWords } from "./panel-words.ts";

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
  const { value, error, atMs, isFormer, reload } = resource;
  const say = useWords(panelWords);
  return (
    <section className="panel" id={id} aria-labelledby={`${id}-heading`} aria-busy={isFormer}>
      <header>
        <h2 id={`${id}-heading`}>{title}</h2>
        {atMs !== undefined && <Freshness atMs={atMs} isStale={isFormer || error !== undefined} />}
        {path !== undefined && <CopyCurl path={path} email={email} />}
      </header>
      {question}
      {error !== undefined && value !== undefined && (
        <p className="stale" role="alert">
          {say("notRefreshed")}{" "}
          <span lang="en" dir="auto">
            {error.message}
          </span>
        </p>
      )}
      {value !== undefined && atMs !== undefined && children(value, atMs)}
      {value === undefined && error !== undefined && <PanelTrouble error={error} retry={reload} />}
      {value === undefined && error === undefined && <Loading what={say("fetching")} />}
    </section>
  );
}

/** When the panel's answer came: a page that stands still must not look live. */
function Freshness({ atMs, isStale }: { readonly atMs: number; readonly isStale: boolean }): ReactElement {
  const say = useWords(panelWords);
  const { locale } = useLanguage();
  const time = new Date(atMs).toLocaleTimeString(locale, { hour12: false });
  return <span className={isStale ? "fresh old" : "fresh"}>{say("asOf", { time })}</span>;
}

interface TroubleProps {
  readonly error: ApiError;
  readonly retry: () => void;
}

/** The control plane's own sentence: an operator needs no gentler words. */
export function PanelTrouble({ error, retry }: TroubleProps): ReactElement {
  const say = useWords(panelWords);
  return (
    <div className="failed-panel" role="alert">
      <p className="problem" lang="en" dir="auto">
        {error.message} <code>{error.code}</code>
      </p>
      <button type="button" className="quiet" onClick={retry}>
        {say("tryAgain")}
      </button>
    </div>
  );
}

type Copied = "no" | "copied" | "shown";

/** Copies the command, or shows it where the browser gives no clipboard (plain http on another host). */
export function CopyCurl({ path, email }: { readonly path: string; readonly email: string }): ReactElement {
  const [copied, setCopied] = useState<Copied>("no");
  const say = useWords(panelWords);
  const text = curlOf(location.origin, path, email);
  const copy = (): void => {
    const shown = (): void => setCopied("shown");
    if (isSecureContext) navigator.clipboard.writeText(text).then(() => setCopied("copied"), shown);
    else shown();
  };
  return (
    <>
      <button type="button" className="quiet curl-of" onClick={copy} aria-live="polite">
        {say(copied === "copied" ? "copied" : "copyCurl")}
      </button>
      {copied === "shown" && (
        <pre className="curl" dir="ltr">
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
  const say = useWords(panelWords);
  if (shown >= all) return null;
  return (
    <button type="button" className="quiet more" onClick={onMore}>
      {say("showMore", { shown, all })}
    </button>
  );
}
