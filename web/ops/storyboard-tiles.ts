// The small pictures of a title's shots: its storyboard, whose list is fetched once an hour from where its pictures lie.
import { useQuery } from "@tanstack/react-query";
import { parseStoryboard, type Tile, tileAt } from "#web/player/storyboard.ts";
import { useResource } from "#web/use-resource.ts";
import { getOpsTitlesByIdStoryboard } from "./client.ts";

const hourMs = 3_600_000;

/** Empty where there is none, or it cannot be reached: shots are then without pictures. */
export function useStoryboard(titleId: string): readonly Tile[] {
  const { value } = useResource(getOpsTitlesByIdStoryboard(titleId));
  const { data = [] } = useQuery({
    queryKey: [value?.url],
    enabled: value !== undefined,
    staleTime: hourMs,
    queryFn: async ({ signal }) => {
      const url = new URL(value?.url ?? "", location.href).href;
      const response = await fetch(url, { signal });
      return response.ok ? parseStoryboard(await response.text(), url) : [];
    },
  });
  return data;
}

/** What stands in the middle of a shot says most of it. */
export function tileOf(tiles: readonly Tile[], startMs: number, seconds: number): Tile | undefined {
  return tileAt(tiles, startMs + 500 * seconds);
}
