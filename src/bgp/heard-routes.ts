// The routes of one session, by prefix, with how many there are of each family.
import type { HeardRoute } from "#model/route-feed.ts";
import { familyOf, type PrefixKey } from "./prefix-key.ts";

export class HeardRoutes implements Iterable<readonly [PrefixKey, HeardRoute]> {
  private readonly routes = new Map<PrefixKey, HeardRoute>();
  private sixes = 0;

  get size(): number {
    return this.routes.size;
  }

  /** Prefixes per family. */
  get counts(): { readonly v4: number; readonly v6: number } {
    return { v4: this.routes.size - this.sixes, v6: this.sixes };
  }

  get(key: PrefixKey): HeardRoute | undefined {
    return this.routes.get(key);
  }

  has(key: PrefixKey): boolean {
    return this.routes.has(key);
  }

  set(key: PrefixKey, route: HeardRoute): void {
    const { size } = this.routes;
    this.routes.set(key, route);
    if (this.routes.size > size && familyOf(key) === 6) this.sixes += 1;
  }

  delete(key: PrefixKey): void {
    if (this.routes.delete(key) && familyOf(key) === 6) this.sixes -= 1;
  }

  [Symbol.iterator](): Iterator<readonly [PrefixKey, HeardRoute]> {
    return this.routes[Symbol.iterator]();
  }
}
