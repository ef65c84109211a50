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

interface Props {
  /** Numbers stand right. */
  right?: boolean;
  /** Left out on narrow screens. */
  minor?: boolean;
  children: ReactNode;
}

/** A column's name. */
export function Head({ right, minor, children }: Props) {
  const place = `${right ? "text-right" : "text-left"} ${minor ? "max-md:hidden" : ""}`;
  return (
    <th scope="col" className={`px-2 py-2 md:px-3 font-medium whitespace-nowrap ${place}`}>
      {children}
    </th>
  );
}

/** A value. */
export function Cell({ right, minor, children }: Props) {
  const place = `${right ? "text-right whitespace-nowrap" : ""} ${minor ? "max-md:hidden" : ""}`;
  return <td className={`px-2 py-2 md:px-3 ${place}`}>{children}</td>;
}
