// Something an operator can do: a button that says when it is under way, and why it did not work. What cannot be undone asks twice.
import type { ReactElement } from "react";
import { useState } from "react";
import { asApiError } from "#web/use-resource.ts";

interface DeedProps {
  readonly label: string;
  /** Said instead of the first answer; without it one press is enough. */
  readonly sure?: string;
  /** With the thing's name, for those who do not see the row. */
  readonly about?: string;
  readonly act: () => Promise<unknown>;
  readonly onDone: () => void;
}

type Step = "idle" | "sure" | "busy" | { readonly failed: string };

export function Deed({ label, sure, about, act, onDone }: DeedProps): ReactElement {
  const [step, setStep] = useState<Step>("idle");
  const press = (): void => {
    if (sure !== undefined && step !== "sure") {
      setStep("sure");
      return;
    }
    setStep("busy");
    act().then(
      () => {
        setStep("idle");
        onDone();
      },
      (error: unknown) => setStep({ failed: asApiError(error).message }),
    );
  };
  const words = step === "sure" && sure !== undefined ? sure : label;
  return (
    <>
      <button
        type="button"
        className="quiet"
        disabled={step === "busy"}
        aria-label={about === undefined ? undefined : `${words}: ${about}`}
        onBlur={() => setStep((now) => (now === "sure" ? "idle" : now))}
        onClick={press}
      >
        {words}
      </button>
      {typeof step === "object" && (
        <span className="problem" role="alert" lang="en" dir="auto">
          {step.failed}
        </span>
      )}
    </>
  );
}
