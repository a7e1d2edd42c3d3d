// A title's page and the home page's answer: what the title page and the watch page both start from.
import type { ApiError } from "#web/api.ts";
import { getHome, getTitlesById } from "#web/client.ts";
import { useResource } from "#web/use-resource.ts";
import type { TitlePage } from "#wire/catalog.ts";
import type { Home } from "#wire/viewer.ts";
import { recalled } from "./left.ts";

export interface FoundTitle {
  /** Both or neither. */
  readonly found: { readonly card: TitlePage; readonly home: Home } | undefined;
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
  return { found: { card: recalled(card.value), home: home.value }, error: undefined, reload };
}
