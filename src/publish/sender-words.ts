// What a sender says of the file it is about to send: tus metadata, or the body of an import.
import { shownName, titleNameOf } from "./file-name.ts";

export interface SenderWords {
  readonly fileName: string;
  readonly titleName: string;
  readonly sha256: string | undefined;
}

export type WordsReading =
  | { readonly kind: "words"; readonly words: SenderWords }
  | { readonly kind: "refused"; readonly what: string };

/** Of everything that senders put in, only these three are read. */
export function readWords(given: {
  readonly filename?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly sha256?: string | null | undefined;
}): WordsReading {
  const sha256 = given.sha256 ?? "";
  if (sha256 !== "" && !/^[0-9a-f]{64}$/i.test(sha256)) {
    return { kind: "refused", what: "sha256 is 64 hexadecimal digits" };
  }
  const fileName = shownName(given.filename ?? "");
  const wish = given.name ?? "";
  const titleName = wish.trim() === "" ? titleNameOf(fileName) : shownName(wish.replaceAll(/[/\\]/g, "∕"));
  return {
    kind: "words",
    words: { fileName, titleName, sha256: sha256 === "" ? undefined : sha256.toLowerCase() },
  };
}
