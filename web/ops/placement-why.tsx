// "Why is this file here": the plan's sentence, and the draw that decided, with every number to do it again by hand.
import type { FormEvent, ReactElement } from "react";
import { digits, formatBytes, formatShare } from "#web/format.ts";
import { useResource } from "#web/use-resource.ts";
import type { OpsPlacementExplain } from "#wire/ops-placement.ts";
import { getOpsPlacementExplain } from "./client.ts";
import { CopyCurl, PanelTrouble } from "./panel.tsx";
import { Wide } from "./wide.tsx";

export const whyId = "placement-why";

interface WhyProps {
  readonly email: string;
  /** The file asked about; empty asks about none. */
  readonly fileId: string;
  readonly onAsk: (fileId: string) => void;
}

export function Why({ email, fileId, onAsk }: WhyProps): ReactElement {
  const asked = getOpsPlacementExplain({ file: fileId });
  const path = fileId === "" ? undefined : asked.path;
  const { value, error, reload } = useResource({ ...asked, path });
  const ask = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    onAsk(String(new FormData(event.currentTarget).get("file") ?? "").trim());
  };
  return (
    <section className="why" aria-label="Why is this file here?" id={whyId}>
      <h3>Why is this file here? {path !== undefined && <CopyCurl path={path} email={email} />}</h3>
      <form className="steer-ask" onSubmit={ask}>
        <label>
          File{" "}
          <input
            key={fileId}
            name="file"
            defaultValue={fileId}
            placeholder="title/rendition"
            required
            maxLength={256}
            size={32}
          />
        </label>
        <button type="submit" className="quiet">
          Explain
        </button>
      </form>
      {error !== undefined && <PanelTrouble error={error} retry={reload} />}
      {value !== undefined && <Answer value={value} />}
    </section>
  );
}

function Answer({ value }: { readonly value: OpsPlacementExplain }): ReactElement {
  const { drawn, copies } = value;
  return (
    <>
      <p>
        <span className={`badge ${value.band}`}>{value.band}</span> {value.because}
      </p>
      <p className="soft">
        Rank {value.rank} of {value.of} with {digits(value.playsPerDay)} plays a day,{" "}
        {formatShare(value.trafficShare)} of all traffic, {formatBytes(value.sizeBytes)}. {copies.held} held,{" "}
        {copies.wanted} wanted where room allows
        {copies.drawn !== undefined && `, drawn for ${copies.drawn}`}.
        {drawn !== undefined &&
          ` Depth ${drawn.depth.toFixed(4)} of the bytes stored below the head, cutoff ${drawn.cutoff.toFixed(4)}${drawn.stayed ? ": it stays with the servers that hold it" : ""}.`}
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
  const pareto = drawn.formula === "pareto";
  const left = drawn.rows.length - mostRows;
  return (
    <Wide>
      <table>
        <caption>
          The draw of {title}, least key first{" "}
          <code>{pareto ? "u(1−π) ÷ ((1−u)π)" : "−ln(1−u) ÷ weight"}</code>
        </caption>
        <thead>
          <tr>
            <th scope="col">Server</th>
            <th scope="col" className="number" title="A number in (0, 1) from the names of title and server">
              u
            </th>
            <th scope="col" className="number" title="The server's share of the file's band">
              Weight
            </th>
            {pareto && (
              <th scope="col" className="number" title="Weight × copies, at most 1">
                π
              </th>
            )}
            <th scope="col" className="number">
              Key
            </th>
            <th scope="col">Holds it</th>
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
              <td>{row.holds ? "yes" : row.passedOver ? "no room left" : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && <p className="faint">{left} more are not listed.</p>}
    </Wide>
  );
}
