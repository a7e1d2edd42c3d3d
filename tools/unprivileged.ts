// Servers that refuse to run as root run as a user who owns nothing else.
import { readFile } from "node:fs/promises";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Whom root becomes: `wanted` when there is such a user, else `nobody`; anybody else stays who they are. */
export async function unprivileged(wanted: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const user = users.find(([name]) => name === wanted) ?? users.find(([name]) => name === "nobody");
  if (user === undefined) throw new Error(`there is no user \`${wanted}\` or \`nobody\` to run a server as`);
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
