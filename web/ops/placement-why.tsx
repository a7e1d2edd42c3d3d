// "Why is this file here": the plan's sentence, and the draw that decided, with every number to do it again by hand.
import type { FormEvent, ReactElement } from "react";
import { digits, formatBytes, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import { useWords } from "#web/words/say.ts";
import type { OpsPlacementExplain } from "#wire/ops-placement.ts";
import { getOpsPlacementExplain } from "./client.ts";
import { CopyCurl, PanelTrouble } from "./panel.tsx";
import { placementWords } from "./placement-words.ts";
import { Wide } from "./wide.tsx";

export const whyId = "placement-why";

interface WhyProps {
  readonly email: string;
  /** The file asked about; empty asks about none. */
  readonly fileId: string;
  readonly onAsk: (fileId: string) => void;
}

export function Why({ email, fileId, onAsk }: WhyProps): ReactElement {
  const say = useWords(placementWords);
  const asked = getOpsPlacementExplain({ file: fileId });
  const path = fileId === "" ? undefined : asked.path;
  const { value, error, reload } = useResource({ ...asked, path });
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onAsk(String(new FormData(event.currentTarget).get("file") ?? "").trim());
  };
  return (
    <section className="why" aria-label={say("whyHere")} id={whyId}>
      <h3>
        {say("whyHere")} {path !== undefined && <CopyCurl path={path} email={email} />}
      </h3>
      <form className="steer-ask" onSubmit={ask}>
        <label>
          {say("file")}{" "}
          <input
            key={fileId}
            name="file"
            defaultValue={fileId}
            placeholder={say("fileHint")}
            required
            maxLength={256}
            size={32}
          />
        </label>
        <button type="submit" className="quiet">
          {say("explain")}
        </button>
      </form>
      {error !== undefined && <PanelTrouble error={error} retry={reload} />}
      {value !== undefined && <Answer value={value} />}
    </section>
  );
}

function Answer({ value }: { readonly value: OpsPlacementExplain }): ReactElement {
  const say = useWords(placementWords);
  const { drawn, copies } = value;
  const facts = {
    ...{ rank: value.rank, of: value.of, plays: digits(value.playsPerDay) },
    ...{ share: formatShare(value.trafficShare), size: formatBytes(value.sizeBytes) },
  };
  const depth =
    drawn === undefined ? undefined : { depth: drawn.depth.toFixed(4), cutoff: drawn.cutoff.toFixed(4) };
  return (
    <>
      <p>
        <span className={`badge ${value.band}`}>{value.band}</span>{" "}
        <span lang="en" dir="auto">
          {value.because}
        </span>
      </p>
      <p className="soft">
        {say("rankOf", facts)} {say("copies", { held: copies.held, wanted: copies.wanted })}
        {copies.drawn !== undefined && ` ${say("drawnFor", { count: copies.drawn })}`}
        {depth !== undefined && ` ${say("depthOf", depth)}`}
        {drawn?.stayed === true && ` ${say("stayed")}`}
      </p>
      {drawn !== undefined && <Draw drawn={drawn} title={value.titleId} />}
    </>
  );
}

const mostRows = 24;

function Draw({
  drawn,
  title,
}: {
  readonly drawn: NonNullable<OpsPlacementExplain["drawn"]>;
  readonly title: string;
}): ReactElement {
  const say = useWords(placementWords);
  const pareto = drawn.formula === "pareto";
  const left = drawn.rows.length - mostRows;
  return (
    <Wide>
      <table>
        <caption>
          {say("drawOf", { title })} <code>{pareto ? "u(1−π) ÷ ((1−u)π)" : "−ln(1−u) ÷ weight"}</code>
        </caption>
        <thead>
          <tr>
            <th scope="col">{say("server")}</th>
            <th scope="col" className="number" title={say("uHint")}>
              u
            </th>
            <th scope="col" className="number" title={say("weightHint")}>
              {say("weight")}
            </th>
            {pareto && (
              <th scope="col" className="number" title={say("piHint")}>
                π
              </th>
            )}
            <th scope="col" className="number">
              {say("key")}
            </th>
            <th scope="col">{say("holdsIt")}</th>
          </tr>
        </thead>
        <tbody>
          {drawn.rows.slice(0, mostRows).map((row) => (
            <tr key={row.serverId}>
              <th scope="row">{row.serverId}</th>
              <td className="number">{row.u.toFixed(6)}</td>
              <td className="number">{row.weight.toFixed(6)}</td>
              {pareto && <td className="number">{row.chance?.toFixed(6) ?? "–"}</td>}
              <td className="number">{row.key?.toPrecision(6) ?? "–"}</td>
              <td>{row.holds ? say("yes") : row.passedOver ? say("noRoom") : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className="faint">{say("moreRows", { left })}</p>}
    </Wide>
  );
}
