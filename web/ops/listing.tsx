// A table with a row for each of what was answered, or the words that there is none.
import type { ReactElement, ReactNode } from "react";
import { type Column, Columns } from "./columns.tsx";
import { Wide } from "./wide.tsx";

interface ListingProps<Row> {
  readonly caption: string;
  readonly none: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** With a key of its own. */
  readonly children: (row: Row) => ReactNode;
}

export function Listing<Row>({ caption, none, columns, rows, children }: ListingProps<Row>): ReactElement {
  if (rows.length === 0) return <p className="soft hint">{none}</p>;
  return (
    <Wide>
      <table>
        <caption className="unseen">{caption}</caption>
        <Columns columns={columns} />
        <tbody>{rows.map(children)}</tbody>
      </table>
    </Wide>
  );
}
