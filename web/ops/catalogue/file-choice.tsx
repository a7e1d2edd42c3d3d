// A button that lets a file be chosen, in the page's words: the browser's own speaks only its own language.
import type { ReactElement } from "react";

interface FileChoiceProps {
  readonly text: string;
  /** For whoever hears it alone. */
  readonly label: string;
  readonly accept: string;
  readonly isMultiple?: boolean;
  readonly disabled?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

export function FileChoice(props: FileChoiceProps): ReactElement {
  const { text, label, accept, isMultiple = false, disabled = false, onFiles } = props;
  return (
    <label className="button second file-choice" aria-disabled={disabled}>
      <bdi>{text}</bdi>
      <input
        type="file"
        className="unseen"
        aria-label={label}
        accept={accept}
        multiple={isMultiple}
        disabled={disabled}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
    </label>
  );
}
