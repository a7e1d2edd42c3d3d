// Paths that nginx must refuse: without a right signature, and out of the folder that it serves.
import { k1, k2, signed } from "./edge-rig.ts";

/** Everything that must not open `path` of title t1. */
export function badPaths(how: "hmac-sha256" | "md5-envelope"): Record<string, string> {
  const path = "v360/0.m4s";
  const good = signed(k1, "t1", path, 600, how);
  const parts = good.split("/");
  const change = (index: number, to: string): string =>
    parts.map((part, i) => (i === index ? to : part)).join("/");
  const signature = parts[4] ?? "";
  const flipped = signature.slice(0, 10) + (signature[10] === "A" ? "B" : "A") + signature.slice(11);
  return {
    "no token": `/v/t1/${path}`,
    "no token, root": "/",
    expired: signed(k1, "t1", path, -2, how),
    "later expiry": change(2, `${Number(parts[2]) + 1}`),
    "another session": change(3, "s2"),
    "altered signature": change(4, flipped),
    "cut signature": change(4, signature.slice(0, -1)),
    "no signature": change(4, "k1."),
    "another key's name": change(4, signature.replace("k1.", "k2.")),
    "unknown kid": signed({ ...k1, kid: "k9" }, "t1", path, 600, how),
    "empty secret": signed({ kid: "k9", secret: "" }, "t1", path, 600, how),
    "foreign secret": signed({ kid: "k1", secret: k2.secret }, "t1", path, 600, how),
    "another title's token": signed(k1, "t2", path, 600, how).replace("/v/t2/", "/v/t1/"),
  };
}

export const tricks = [
  "../t2/v360/0.m4s",
  "v360/../../t2/v360/0.m4s",
  "v360/..%2f..%2ft2/v360/0.m4s",
  "%2e%2e/t2/v360/0.m4s",
  "%2e%2e%2ft2%2fv360%2f0.m4s",
  "..%5ct2/v360/0.m4s",
  "..\\t2\\v360\\0.m4s",
  "v360//0.m4s",
  "/v360/0.m4s",
  "./v360/0.m4s",
  "v360/./0.m4s",
  "v360/0.m4s/",
  "v360/0%2em4s",
  "v360/0.m4s%00",
  ".hidden",
  "../../quarantine/bad.m4s",
  "../../incoming/half.part",
  "../../nginx/conf/nginx.conf",
  "../../../../../../etc/passwd",
];
