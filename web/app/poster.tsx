// A film's picture, or its name where there is none (a box that does not answer leaves a hole otherwise).
import type { ReactElement } from "react";
import { useState } from "react";

interface PosterProps {
  /** The first that loads is shown. */
  readonly urls: readonly string[];
  readonly name: string;
  /** Above the fold: fetched at once. */
  readonly eager?: boolean;
}

export function Poster({ urls, name, eager = false }: PosterProps): ReactElement {
  const [failed, setFailed] = useState<ReadonlySet<string>>(new Set());
  const url = urls.find((one) => !failed.has(one));
  if (url === undefined) {
    return (
      <div className="poster" aria-hidden="true">
        <span>{name}</span>
      </div>
    );
  }
  return (
    <div className="poster">
      <img
        src={url}
        alt=""
        loading={eager ? "eager" : "lazy"}
        decoding="async"
        onError={() => setFailed((before) => new Set([...before, url]))}
      />
    </div>
  );
}
