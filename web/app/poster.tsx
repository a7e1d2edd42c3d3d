// A title's picture from an appliance, or its name on a quiet ground when the picture cannot be had.
import type { ReactElement } from "react";
import { useState } from "react";

interface PosterProps {
  readonly url: string;
  readonly name: string;
  readonly eager?: boolean;
}

export function Poster({ url, name, eager = false }: PosterProps): ReactElement {
  const [failedUrl, setFailedUrl] = useState<string>();
  if (failedUrl === url) {
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
        onError={() => setFailedUrl(url)}
      />
    </div>
  );
}
