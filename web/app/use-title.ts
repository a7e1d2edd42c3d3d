// A title's card by its id, out of the home answer: the contract has no other place for it.
import { ApiError } from "#web/api.ts";
import { endpoints } from "#web/endpoints.ts";
import { useResource } from "#web/use-resource.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import { home as homeSchema } from "#wire/viewer.ts";

export interface FoundTitle {
  readonly card: TitleCard | undefined;
  readonly home: Home | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

export function useTitle(titleId: string): FoundTitle {
  const home = useResource({ path: endpoints.home, schema: homeSchema });
  const card = home.value === undefined ? undefined : findCard(home.value, titleId);
  const missing =
    home.value !== undefined && card === undefined
      ? new ApiError(404, "title-not-found", `There is no title ${titleId} here.`)
      : undefined;
  return { card, home: home.value, error: missing ?? home.error, reload: home.reload };
}

/** A title stands in several rows; one with a resume point tells more than one without. */
export function findCard(home: Home, titleId: string): TitleCard | undefined {
  const cards = home.rows.flatMap((row) => row.items).filter((item) => item.id === titleId);
  return cards.find((card) => card.resume !== null) ?? cards[0];
}
