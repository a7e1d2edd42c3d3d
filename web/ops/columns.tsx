// The head of a table of the operator page.
import type { ReactElement } from "react";

/** Name, and "number" where figures stand under it. */
export type Column = readonly [name: string, kind: "" | "number"];

export function Columns({ columns }: { readonly columns: readonly Column[] }): ReactElement {
  return (
    <thead>
      <tr>
        {columns.map(([name, kind]) => (
          <th key={name} scope="col" className={kind}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
