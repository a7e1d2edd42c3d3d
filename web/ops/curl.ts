// "Copy as curl": what a panel shows can be had in a terminal, from the same address.
import { postSignInPath } from "#web/client.ts";

/** Two lines: how to sign in once into a cookie jar (as a comment: the password is the reader's), and the request. */
export function curlOf(origin: string, path: string, email: string): string {
  const body = JSON.stringify({ email, password: "…" });
  const signIn = `curl -sS -c millrace.cookies --json ${quoted(body)} ${quoted(origin + postSignInPath)}`;
  return `# once: ${signIn}\ncurl -sS -b millrace.cookies ${quoted(origin + path)}\n`;
}

/** One word for a POSIX shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
