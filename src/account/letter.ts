// What is mailed, and why. Plain text alone: there is nothing that a name could be made into. A link's secret stands
// behind "#", which browsers send to no server and write into no referrer.

export type Letter =
  | { readonly kind: "confirm-sign-up"; readonly token: string; readonly hours: number }
  | { readonly kind: "account-there" }
  | { readonly kind: "reset"; readonly token: string; readonly minutes: number }
  | { readonly kind: "password-changed" }
  | { readonly kind: "confirm-email"; readonly token: string; readonly hours: number }
  | { readonly kind: "email-changed" }
  /** A used refresh token was presented. `device` is one of #account/device-name.ts. */
  | { readonly kind: "device-ended"; readonly device: string }
  | { readonly kind: "erased" };

export interface LetterText {
  readonly subject: string;
  readonly text: string;
}

/** `base` is where the pages are, as the operator says ("https://films.example.org"): never what a request said. */
export function letterText(letter: Letter, base: string): LetterText {
  const { subject, lines } = wording(letter, (path, token) => `${base}${path}#${token}`, base);
  return { subject, text: `${lines.join("\n\n")}\n` };
}

type Wording = { readonly subject: string; readonly lines: readonly string[] };

function wording(letter: Letter, link: (path: string, token: string) => string, base: string): Wording {
  const notYou = `If that was not you, set a new password at ${base}/reset at once.`;
  switch (letter.kind) {
    case "confirm-sign-up":
      return {
        subject: "Confirm your email",
        lines: [
          `Open this link within ${letter.hours} hours and say your password once more, to make your account:`,
          link("/sign-up/confirm", letter.token),
          "If you did not sign up, do nothing: without the link no account is made.",
        ],
      };
    case "account-there":
      return {
        subject: "You have an account already",
        lines: [
          "Someone, most likely you, gave this email to sign up or to move an account to it. It has an account already, and nothing was changed.",
          `Sign in at ${base}, or set a new password at ${base}/reset.`,
        ],
      };
    case "reset":
      return {
        subject: "Set a new password",
        lines: [
          `Open this link within ${letter.minutes} minutes to set a new password:`,
          link("/reset", letter.token),
          "All devices are signed out then. If you did not ask for it, do nothing: your password stays.",
        ],
      };
    case "password-changed":
      return { subject: "Your password was changed", lines: ["The password was changed.", notYou] };
    case "confirm-email":
      return {
        subject: "Confirm your new email",
        lines: [
          `Open this link within ${letter.hours} hours to use this email for your account:`,
          link("/email/confirm", letter.token),
          "If you did not ask for it, do nothing.",
        ],
      };
    case "email-changed":
      return {
        subject: "Your email was changed",
        lines: [
          "Your account has another email now, and nothing more is sent to this one.",
          "If that was not you, write to whoever runs this service at once.",
        ],
      };
    case "device-ended":
      return {
        subject: "A device was signed out",
        lines: [
          `${letter.device} was signed out: a key of it was used twice, as happens when someone has copied it.`,
          `Sign in there again. Look at your devices at ${base}, and change your password if you know none of this.`,
        ],
      };
    case "erased":
      return {
        subject: "Your account was erased",
        lines: [
          "Your account, its profiles and everything watched with them are gone. This is the last mail to this address.",
        ],
      };
  }
}
