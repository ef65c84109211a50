import type { ReactNode } from "react";

/** A table that scrolls inside its own frame where the page is narrow. */
export function Table({ head, children }: { head: ReactNode; children: ReactNode }) {
  return (
    <div className="overflow-x-auto rounded-card border border-line bg-surface">
      <table className="w-full border-collapse">
        <thead className="bg-sunken text-note text-text-2">
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A column's name; numbers stand right. */
export function Head({ right, children }: { right?: boolean; children: ReactNode }) {
  return (
    <th scope="col" className={`px-3 py-2 font-medium whitespace-nowrap ${right ? "text-right" : "text-left"}`}>
      {children}
    </th>
  );
}

/** A value; numbers stand right. */
export function Cell({ right, children }: { right?: boolean; children: ReactNode }) {
  return <td className={`px-3 py-2 ${right ? "text-right whitespace-nowrap" : ""}`}>{children}</td>;
}
