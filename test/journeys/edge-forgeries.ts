// Signed paths that nobody signed. `good` is what one looks like.
import { createHash, createHmac } from "node:crypto";
import { macKey, type PathStrength, type SigningKey } from "#io/signed-path.ts";
import { k1, k2, signed } from "./edge-rig.ts";

const signs = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~+/=:%"];

/** Every change of one sign of the token or of the title, every sign left out, and every sign put in twice. */
export function oneSignOff(good: string): readonly string[] {
  const from = "/t/".length;
  const to = good.indexOf("/v360/");
  const made: string[] = [];
  for (let i = from; i < to; i++) {
    for (const sign of signs) if (sign !== good[i]) made.push(good.slice(0, i) + sign + good.slice(i + 1));
    made.push(good.slice(0, i) + good.slice(i + 1), good.slice(0, i) + good[i] + good.slice(i));
  }
  return made;
}

/** Cut at every length, in other letters, with its parts swapped or taken from another signed path. */
export function rearranged(good: string, other: string): readonly string[] {
  const [parts, others] = [good.split("/"), other.split("/")];
  const signature = parts[4] ?? "";
  const rest = good.slice(good.indexOf("/v/"));
  const made: string[] = [];
  for (let length = 0; length < signature.length; length++)
    made.push(
      good.replace(signature, signature.slice(0, length)),
      good.replace(signature, signature.slice(length)),
    );
  for (const index of [2, 3, 4, 6]) {
    made.push(parts.map((part, i) => (i === index ? (others[i] ?? "") : part)).join("/"));
    made.push(parts.filter((_, i) => i !== index).join("/"));
    made.push(parts.map((part, i) => (i === index ? part.toUpperCase() : part)).join("/"));
    made.push(parts.map((part, i) => (i === index ? `${part}${part}` : part)).join("/"));
  }
  for (let i = 2; i < 7; i++)
    for (let j = i + 1; j < 7; j++) {
      const swapped = [...parts];
      [swapped[i], swapped[j]] = [parts[j] ?? "", parts[i] ?? ""];
      made.push(swapped.join("/"));
    }
  made.push(rest, `/t${rest}`, `/t//${rest}`, good.replace("/t/", "/T/"), good.replace("/v/", "/V/"));
  made.push(`${rest}?token=${signature}`, `${rest}#${good}`, `/t/${"9".repeat(10)}/s1/k1.${rest}`);
  return made.filter((path) => path !== good && path !== other);
}

/** Signed by whoever has no business to. */
export function foreign(how: PathStrength, retired: SigningKey): readonly string[] {
  const by = (key: SigningKey): string => signed(key, "t1", "v360/0.m4s", 600, how);
  return [
    by(retired),
    by({ kid: retired.kid, secret: k1.secret }),
    by({ kid: k1.kid, secret: retired.secret }),
    by({ kid: k1.kid, secret: "" }),
    by({ kid: k1.kid, secret: macKey(k1) }),
    by({ kid: "k9", secret: k1.secret }),
    by({ kid: "k9", secret: "" }),
    by({ kid: "default", secret: "" }),
    by({ kid: k1.kid, secret: k1.secret.toUpperCase() }),
    by({ kid: k1.kid, secret: k2.secret }),
  ];
}

export interface Words {
  readonly expires: string;
  readonly session: string;
  readonly title: string;
}

/** Rightly signed by our own key, over words that no grant may hold. */
export function malformed(how: PathStrength): readonly string[] {
  const right: Words = { expires: `${Math.floor(Date.now() / 1000) + 600}`, session: "s1", title: "t1" };
  const expiries = [
    ...[
      "",
      "0",
      "0000000000",
      "-000000001",
      "-9999999999",
      "+179999999",
      "1e99999999",
      "0x7fffffff",
      "4294967296x",
    ],
    ...[
      "99999999999",
      "18446744073709551616",
      "9223372036854775808",
      ` ${right.expires}`,
      `${right.expires}.0`,
    ],
    ...[
      `0${right.expires}`,
      `00${right.expires}`,
      right.expires.slice(1),
      "never",
      "9999999999:",
      "٩٩٩٩٩٩٩٩٩٩",
    ],
  ];
  const sessions = ["", ".", "..", "-s1", "s1:", "s1/..", "s1%00", "s:1", "s1 ", "s".repeat(81), "é"];
  const titles = [
    "",
    ".",
    "..",
    "t1/..",
    "t1/v360",
    "-t1",
    "t1:",
    "t".repeat(65),
    "../v/t1",
    "t1%2f",
    "t1;",
    "é",
  ];
  return [
    ...expiries.map((expires) => path({ ...right, expires }, how)),
    ...sessions.map((session) => path({ ...right, session }, how)),
    ...titles.map((title) => path({ ...right, title }, how)),
  ];
}

/** What `signedPrefix` refuses to sign, signed. */
export function path({ expires, session, title }: Words, how: PathStrength): string {
  const mac = macKey(k1);
  const text = `v1:${expires}:${session}:/v/${title}/`;
  const signature =
    how === "hmac-sha256"
      ? createHmac("sha256", mac).update(text).digest("base64url")
      : createHash("md5").update(`${mac} ${text} ${mac}`).digest("base64url");
  return Buffer.from(`/t/${expires}/${session}/k1.${signature}/v/${title}/v360/0.m4s`).toString("latin1");
}
