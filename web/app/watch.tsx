// The watch page: the player and nothing else, fetched only when somebody watches.
import type { ReactElement } from "react";
import { lazy, Suspense } from "react";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import { navigate } from "#web/router.ts";
import { useTitle } from "./use-title.ts";
import { useViewpoint } from "./viewpoint.ts";

const players = import.meta.glob("/player/player.tsx");

/** GUARD: until player.tsx is in the tree. */
const Player = lazy(async () => {
  const load = players["/player/player.tsx"];
  if (load === undefined) throw new Error("this build has no player");
  return { default: (await load()).Player };
});

export function WatchPage({ titleId }: { readonly titleId: string }): ReactElement {
  const { card, home, error, reload } = useTitle(titleId);
  const viewpoints = home?.viewpoints ?? [];
  const [viewpoint, choose] = useViewpoint(viewpoints);
  useDocumentTitle(card?.name ?? "");
  if (card === undefined) {
    if (error !== undefined) return <Trouble error={error} retry={reload} />;
    return <Loading what="Fetching the film" />;
  }
  return (
    <main className="watch">
      <Suspense fallback={<Loading what="Opening the player" />}>
        <Player
          titleId={card.id}
          titleName={card.name}
          viewpoint={viewpoint?.id}
          viewpoints={viewpoints}
          onViewpoint={choose}
          onExit={() => navigate({ kind: "title", id: card.id })}
        />
      </Suspense>
    </main>
  );
}
