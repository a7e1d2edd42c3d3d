// The watch page: the player and nothing else, fetched only when somebody watches.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { lazy, Suspense } from "react";
import { getTitlesById } from "#web/client.ts";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import type { NextEpisode } from "#web/player/next-offer.tsx";
import { useResource } from "#web/use-resource.ts";
import type { WatchFrom } from "#web/watch-from.ts";
import { watchFrom } from "#web/watch-from.ts";
import type { Home, TitleCard } from "#wire/viewer.ts";
import { startOf } from "./facts.ts";
import { rememberLeft } from "./left.ts";
import { useTitle } from "./use-title.ts";
import { useViewpoint } from "./viewpoint.ts";

const Player = lazy(async () => ({ default: (await import("#web/player/player.tsx")).Player }));

export function WatchPage(): ReactElement {
  const { id: titleId } = useParams({ from: "/watch/$id" });
  const { from } = useSearch({ from: "/watch/$id" });
  const { found, error, reload } = useTitle(titleId);
  useDocumentTitle(found?.card.name ?? "");
  return (
    <main className="watch">
      <Suspense fallback={<Loading what="Opening the player" />}>
        {found !== undefined && <Watch {...found} from={watchFrom(from)} />}
        {found === undefined && error !== undefined && <Trouble error={error} retry={reload} />}
        {found === undefined && error === undefined && <Loading what="Fetching the film" />}
      </Suspense>
    </main>
  );
}

interface WatchProps {
  readonly card: TitleCard;
  readonly viewpoints: Home["viewpoints"];
  readonly from: WatchFrom;
}

function Watch({ card, viewpoints, from }: WatchProps): ReactElement {
  const navigate = useNavigate();
  const [viewpoint, choose] = useViewpoint(viewpoints);
  const startAt = startOf(card, from);
  const next = useNext(card.id);
  return (
    <Player
      titleId={card.id}
      titleName={card.name}
      {...(startAt === undefined ? {} : { startAt })}
      next={next}
      viewpoint={viewpoint?.id}
      viewpoints={viewpoints}
      onViewpoint={choose}
      onLeave={(positionMs, durationMs) => rememberLeft({ titleId: card.id, positionMs, durationMs })}
      onExit={() => void navigate({ to: "/title/$id", params: { id: card.id } })}
    />
  );
}

/** Of an episode: the one after it, as the title's page names it. */
function useNext(titleId: string): NextEpisode | undefined {
  const navigate = useNavigate();
  const next = useResource(getTitlesById(titleId)).value?.work?.next;
  if (next == null) return undefined;
  const { titleId: id, name, season, episode } = next;
  const play = (): void => void navigate({ to: "/watch/$id", params: { id }, search: { from: "beginning" } });
  return { name, season, episode, play };
}
