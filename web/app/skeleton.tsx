// The shape of a page that is on its way, so that nothing jumps when it comes. Said in words to those who cannot see it.
import type { ReactElement } from "react";

export function HomeSkeleton({ what }: { readonly what: string }): ReactElement {
  return (
    <div className="rows skeleton">
      <p className="unseen" role="status">
        {what} …
      </p>
      <div className="hero" />
      {[0, 1].map((row) => (
        <div className="row" key={row} aria-hidden="true">
          <i className="line" />
          <div className="cards">
            {[0, 1, 2, 3, 4, 5].map((card) => (
              <i className="poster" key={card} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

export function TitleSkeleton({ what }: { readonly what: string }): ReactElement {
  return (
    <div className="title skeleton">
      <p className="unseen" role="status">
        {what} …
      </p>
      <i className="poster" aria-hidden="true" />
      <div className="about" aria-hidden="true">
        <i className="line tall" />
        <i className="line" />
        <i className="line" />
      </div>
    </div>
  );
}
