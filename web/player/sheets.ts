// Sheets of small pictures: fetched when they are first looked for, shown when they are decoded.

/** As many as are kept decoded: the ones looked at last. */
const keptPictures = 8;

export type Decode<Picture> = (url: string) => Promise<Picture>;

/** Of one film: sheets go by their names, so that a fresh signature fetches none again. */
export class Sheets<Picture = unknown> {
  readonly #decode: Decode<Picture>;
  /** By name, the address that brought it. */
  readonly #arrived = new Map<string, string>();
  readonly #pictures = new Map<string, Picture>();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(decode: Decode<Picture>) {
    this.#decode = decode;
  }

  /** The address to show it from; undefined until it is decoded. */
  shown(url: string): string | undefined {
    return this.#arrived.get(nameOf(url));
  }

  /** Settles when it is there, or cannot be had: then it is asked for again the next time. */
  async fetch(url: string): Promise<void> {
    const name = nameOf(url);
    if (this.#arrived.has(name)) return;
    const known = this.#underWay.get(name);
    const arriving = known ?? this.#take(name, url);
    if (known === undefined) this.#underWay.set(name, arriving);
    await arriving;
  }

  async #take(name: string, url: string): Promise<void> {
    try {
      this.#pictures.set(name, await this.#decode(url));
      this.#arrived.set(name, url);
      const [oldest] = this.#pictures.keys();
      if (this.#pictures.size > keptPictures && oldest !== undefined) this.#pictures.delete(oldest);
    } catch {
      // A film is watched without its small pictures.
    } finally {
      this.#underWay.delete(name);
    }
  }
}

/** The picture, once it can be drawn without a wait. */
export async function decodedPicture(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
