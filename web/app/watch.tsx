// The watch page: the player and nothing else, fetched only when somebody watches.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { lazy, Suspense, useRef } from "react";
import { toWatch } from "#web/addresses.ts";
import { Loading, Trouble, useDocumentTitle } from "#web/notice.tsx";
import type { WatchFrom } from "#web/watch-from.ts";
import { watchFrom } from "#web/watch-from.ts";
import { useWords } from "#web/words/say.ts";
import { nextOf, startOf } from "./facts.ts";
import { rememberLeft } from "./left.ts";
import { TitleNotHere } from "./title-not-here.tsx";
import type { FoundTitle } from "./use-title.ts";
import { useTitle } from "./use-title.ts";
import { viewerWords } from "./viewer-words.ts";
import { useViewpoint } from "./viewpoint.ts";

const Player = lazy(async () => ({ default: (await import("#web/player/player.tsx")).Player }));

export function WatchPage(): ReactElement {
  const say = useWords(viewerWords);
  const { id: titleId } = useParams({ from: "/watch/$id" });
  const { from } = useSearch({ from: "/watch/$id" });
  const { found, error, reload } = useTitle(titleId);
  // The player stays through the question for the next episode: a full screen ends with the element that has it.
  const last = useRef(found);
  if (found !== undefined) last.current = found;
  const shown = found ?? (error === undefined ? last.current : undefined);
  useDocumentTitle(found?.card.name ?? "");
  return (
    <main className="watch">
      <Suspense fallback={<Loading what={say("openingPlayer")} />}>
        {shown !== undefined && <Watch {...shown} from={watchFrom(from)} />}
        {found === undefined && error?.code === "unknown-title" && <TitleNotHere />}
        {found === undefined && error !== undefined && error.code !== "unknown-title" && (
          <Trouble error={error} retry={reload} />
        )}
        {shown === undefined && error === undefined && <Loading what={say("fetchingFilm")} />}
      </Suspense>
    </main>
  );
}

type WatchProps = NonNullable<FoundTitle["found"]> & { readonly from: WatchFrom };

function Watch({ card, home: { viewpoints }, from }: WatchProps): ReactElement {
  const navigate = useNavigate();
  const [viewpoint, choose] = useViewpoint(viewpoints);
  const startAt = startOf(card, from);
  return (
    <Player
      titleId={card.id}
      titleName={card.name}
      next={nextOf(card.work, (id) => void navigate(toWatch(id, "beginning")))}
      {...(startAt === undefined ? {} : { startAt })}
      viewpoint={viewpoint?.id}
      viewpoints={viewpoints}
      onViewpoint={choose}
      onLeave={(positionMs, durationMs) => rememberLeft({ titleId: card.id, positionMs, durationMs })}
      onExit={() => void navigate({ to: "/title/$id", params: { id: card.id } })}
    />
  );
}
