// A title's card and where its viewer may sit: what the title page and the watch page both start from.
import type { ApiError } from "#web/api.ts";
import { getHome, getTitlesById } from "#web/client.ts";
import { useResource } from "#web/use-resource.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import { recalled } from "./left.ts";

export interface FoundTitle {
  /** Both or neither. */
  readonly found: { readonly card: TitleCard; readonly viewpoints: Home["viewpoints"] } | undefined;
  readonly error: ApiError | undefined;
  readonly reload: () => void;
}

export function useTitle(titleId: string): FoundTitle {
  const card = useResource(getTitlesById(titleId));
  const home = useResource(getHome());
  const reload = (): void => {
    card.reload();
    home.reload();
  };
  if (card.value === undefined || home.value === undefined) {
    return { found: undefined, error: card.error ?? home.error, reload };
  }
  return {
    found: { card: recalled(card.value), viewpoints: home.value.viewpoints },
    error: undefined,
    reload,
  };
}
