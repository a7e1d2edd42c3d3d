// A button for what cannot be taken back easily: it asks once, beside itself, before it acts.
import type { ReactElement } from "react";
import { useState } from "react";

interface SureProps {
  /** On the button. */
  readonly text: string;
  /** For whoever hears the button alone: what it is about. */
  readonly label?: string;
  readonly question: string;
  readonly yes: string;
  readonly no: string;
  readonly disabled?: boolean;
  readonly onSure: () => void;
}

export function Sure({ text, label, question, yes, no, disabled = false, onSure }: SureProps): ReactElement {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button
        type="button"
        className="quiet"
        aria-label={label}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {text}
      </button>
    );
  }
  const answer = (isSure: boolean): void => {
    setAsking(false);
    if (isSure) onSure();
  };
  return (
    <fieldset className="sure" aria-label={question}>
      <span>{question}</span>
      {/* biome-ignore lint/a11y/noAutofocus: the question takes the place of the button that had the focus. */}
      <button type="button" autoFocus onClick={() => answer(true)}>
        {yes}
      </button>
      <button type="button" className="quiet" onClick={() => answer(false)}>
        {no}
      </button>
    </fieldset>
  );
}
