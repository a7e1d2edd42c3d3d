// Webhooks signed as Stripe signs them: "t=1700000000,v1=<hex>", HMAC-SHA256 over "t.body". Several v1 stand there while a
// secret is being changed; other schemes are ignored, since an older one would be the weaker. Source: Stripe, "Verify
// webhook signatures".

export interface SignatureOrder {
  readonly header: string | undefined;
  readonly rawBody: string;
  readonly nowSeconds: number;
  /** A delivery older or newer than this is refused, so that a stolen one is of no use later. */
  readonly toleranceSeconds: number;
  /** HMAC-SHA256 under the webhook's secret, lowercase hex. */
  readonly mac: (text: string) => string;
  /** Takes the same time whatever differs. */
  readonly equal: (a: string, b: string) => boolean;
}

export type SignatureVerdict = "good" | "missing" | "malformed" | "too-old" | "wrong";

export function judgeSignature(order: SignatureOrder): SignatureVerdict {
  const { header, rawBody, nowSeconds, toleranceSeconds, mac, equal } = order;
  if (header === undefined || header === "") return "missing";
  const parts = header.split(",").map((part) => part.trim().split("="));
  const times = parts.filter(([name]) => name === "t").map(([, value = ""]) => value);
  const signatures = parts.filter(([name]) => name === "v1").map(([, value = ""]) => value);
  const [time = ""] = times;
  if (times.length !== 1 || signatures.length === 0 || !/^\d{1,12}$/.test(time)) return "malformed";
  const wanted = mac(`${time}.${rawBody}`);
  if (!signatures.some((signature) => equal(signature, wanted))) return "wrong";
  return Math.abs(nowSeconds - Number(time)) <= toleranceSeconds ? "good" : "too-old";
}

export function signatureHeader(rawBody: string, seconds: number, mac: (text: string) => string): string {
  return `t=${seconds},v1=${mac(`${seconds}.${rawBody}`)}`;
}
