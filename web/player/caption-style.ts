// How subtitles look: the viewer's choice, kept in this browser.

export const captionChoices = {
  size: ["small", "medium", "large", "huge"],
  colour: ["white", "yellow", "cyan", "green"],
  background: ["clear", "shade", "black"],
  edge: ["plain", "shadow", "outline"],
} as const;

export type CaptionStyle = {
  readonly [Part in keyof typeof captionChoices]: (typeof captionChoices)[Part][number];
};

export const usualCaptions: CaptionStyle = {
  size: "medium",
  colour: "white",
  background: "shade",
  edge: "shadow",
};

/** Whatever was stored: a part that is none of the choices is the usual one. */
export function captionStyleOf(text: string | null): CaptionStyle {
  const stored = parsed(text);
  return {
    size: oneOf(captionChoices.size, stored.size, usualCaptions.size),
    colour: oneOf(captionChoices.colour, stored.colour, usualCaptions.colour),
    background: oneOf(captionChoices.background, stored.background, usualCaptions.background),
    edge: oneOf(captionChoices.edge, stored.edge, usualCaptions.edge),
  };
}

function oneOf<Choice>(choices: readonly Choice[], stored: unknown, usual: Choice): Choice {
  return choices.find((choice) => choice === stored) ?? usual;
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const key = "millrace.captions";

export function storedCaptions(): CaptionStyle {
  try {
    return captionStyleOf(localStorage.getItem(key));
  } catch {
    return usualCaptions;
  }
}

export function storeCaptions(style: CaptionStyle): void {
  try {
    localStorage.setItem(key, JSON.stringify(style));
  } catch {
    // A browser that stores nothing shows the choice until the page is left.
  }
}
