// Which passwords are accepted. Length and a list of the most guessed ones; no rules of composition.
// Source: NIST SP 800-63B §5.1.1.2, OWASP ASVS 5.0 §6.2.

export type PasswordVerdict =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly because: string };

export const shortestPassword = 8;
export const longestPassword = 256;

/** The most guessed ones of at least eight characters. Chosen by us from what every list of leaks begins with. */
const guessed: ReadonlySet<string> = new Set([
  "password",
  "password1",
  "passw0rd",
  "12345678",
  "123456789",
  "1234567890",
  "11111111",
  "00000000",
  "qwertyuiop",
  "qwerty123",
  "iloveyou",
  "sunshine",
  "football",
  "baseball",
  "princess",
  "trustno1",
  "letmein1",
  "welcome1",
  "admin123",
  "millrace",
]);

/** Whether an account with this email may have this password. */
export function judgePassword(password: string, email: string): PasswordVerdict {
  const length = [...password].length;
  if (length < shortestPassword || length > longestPassword) {
    return refused(`wanted ${shortestPassword} to ${longestPassword} characters, found ${length}`);
  }
  const plain = password.toLowerCase();
  if (guessed.has(plain)) return refused("it is one of the most guessed passwords");
  const words = normalEmail(email)
    .split(/[@.+_-]/)
    .filter((word) => word.length >= 4);
  const rest = words.reduce((text, word) => text.replaceAll(word, ""), plain);
  if ([...rest].length < 4) return refused("it is made of the email's own words");
  return { kind: "accepted" };
}

/** How an email is kept and compared. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

function refused(because: string): PasswordVerdict {
  return { kind: "refused", because };
}
