"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import clsx from "clsx";
import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";

import { useDensity } from "@/lib/browser";

export interface Column<T> {
  id: string;
  head: ReactNode;
  cell: (row: T) => ReactNode;
  /** Numbers stand right. */
  right?: boolean;
  /** From which width of the table on it is shown. */
  from?: keyof typeof FROM;
  /** Where all but one have a width, columns keep theirs whatever rows come into view. */
  width?: string;
  sortable?: boolean;
}

export interface Sort {
  by: string;
  down: boolean;
}

interface Props<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  sort?: Sort | undefined;
  onSort?: (by: string) => void;
  onOpen?: (row: T) => void;
  /** Rows of a fixed height in a box of their own are drawn only where they are seen. */
  virtual?: boolean;
  tall?: boolean;
  dim?: (row: T) => boolean;
  onPoint?: (row: T | null) => void;
  /** Where there is no room for columns: a row as two lines. */
  narrow?: (row: T) => Narrow;
  /** Told whether the rows stand at their beginning. */
  onTop?: (top: boolean) => void;
  foot?: ReactNode;
}

/** Two lines, each with something at its right. */
export interface Narrow {
  title: ReactNode;
  figure?: ReactNode;
  note?: ReactNode;
  more?: ReactNode;
}

const FROM = { sm: "hidden @xl:table-cell", md: "hidden @3xl:table-cell", wide: "hidden @4xl:table-cell", lg: "hidden @5xl:table-cell" };
const ROW_PX = 44;
const TALL_PX = 52;
const COMPACT_BY_PX = 8;
const NARROW_PX = 60;
/** Least width of the one column that has none of its own. */
const NAME_PX = 240;
/** Below this a table has no room for columns. */
const NARROW_BELOW_PX = 560;

/** Rows under named columns; `j` and `k` move, Enter opens, `x` chooses. */
export function DataTable<T>(props: Props<T>) {
  const { caption, columns, rows, rowKey, sort, onSort, onOpen, virtual = false, tall = false, dim, onPoint, narrow, onTop, foot } = props;
  const box = useRef<HTMLDivElement>(null);
  const phone = useNarrow(box) && narrow !== undefined;
  const compact = useDensity() === "compact";
  const height = phone ? NARROW_PX : (tall ? TALL_PX : ROW_PX) - (compact ? COMPACT_BY_PX : 0);
  const fixed = !phone && columns.filter(({ width }) => !width).length === 1;
  // Columns that do not go away where it is narrow are scrolled to.
  const least = columns.reduce((sum, { width, from }) => sum + (from ? 0 : width ? parseInt(width) : NAME_PX), 0);
  // Without columns a head is only good for sorting.
  const heads = phone ? columns.filter(({ sortable, from }) => sortable && !from) : columns;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
    enabled: virtual,
  });
  // Rows that were measured for the other layout are not of this height.
  useEffect(() => virtualizer.measure(), [virtualizer, height]);
  const drawn = virtual ? virtualizer.getVirtualItems() : rows.map((_, index) => ({ index }));
  const before = virtual ? (virtualizer.getVirtualItems()[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (virtualizer.getVirtualItems().at(-1)?.end ?? 0) : 0;

  function onKeyDown(event: KeyboardEvent<HTMLTableSectionElement>) {
    const row = (event.target as HTMLElement).closest("tr");
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (row && step && event.target === row) {
      event.preventDefault();
      const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
      (next as HTMLElement | null)?.focus();
    } else if (row && event.key === "x" && event.target === row) {
      row.querySelector<HTMLElement>("input[type=checkbox]")?.click();
    }
  }

  return (
    <div
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={caption}
      onScroll={onTop && (({ currentTarget }) => onTop(currentTarget.scrollTop < height))}
      className={clsx(
        "@container min-w-0 overflow-auto rounded-card border border-line bg-surface shadow-1 -outline-offset-2",
        virtual && "max-h-[calc(100dvh-190px)] min-h-60",
      )}
    >
      <table className={clsx("w-full border-separate border-spacing-0", fixed && "table-fixed")} style={fixed ? { minWidth: least } : undefined} aria-rowcount={rows.length + 1}>
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 z-10 bg-sunken text-note text-text-2" hidden={heads.length === 0}>
          <tr>
            {heads.map((column) => (
              <Head key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={onKeyDown} onPointerLeave={() => onPoint?.(null)}>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {drawn.map(({ index }) => {
            const row = rows[index];
            if (row === undefined) {
              return null;
            }
            return (
              <tr
                key={rowKey(row)}
                aria-rowindex={index + 2}
                tabIndex={onOpen ? 0 : undefined}
                onPointerEnter={() => onPoint?.(row)}
                onClick={onOpen && ((event) => isControl(event.target) || onOpen(row))}
                onKeyDown={onOpen && ((event) => event.key === "Enter" && event.target === event.currentTarget && onOpen(row))}
                style={{ height }}
                className={clsx(
                  "-outline-offset-2 hover:bg-hover focus-visible:bg-hover",
                  onOpen && "cursor-pointer",
                  dim?.(row) && "opacity-50",
                )}
              >
                {phone ? (
                  <td colSpan={heads.length || 1} className="border-t border-line px-3 py-1">
                    <TwoLines {...narrow(row)} />
                  </td>
                ) : (
                  columns.map((column) => (
                    <td key={column.id} className={clsx("border-t border-line px-3", compact ? "py-0" : "py-1", place(column))}>
                      {column.cell(row)}
                    </td>
                  ))
                )}
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
      {foot}
    </div>
  );
}

function TwoLines({ title, figure, note, more }: Narrow) {
  return (
    <span className="flex min-w-0 flex-col gap-0.5">
      <span className="flex min-w-0 items-center justify-between gap-3">
        <span className="flex min-w-0 items-center gap-2 truncate font-medium">{title}</span>
        <span className="shrink-0 font-medium">{figure}</span>
      </span>
      <span className="flex min-w-0 items-center justify-between gap-3 text-note text-text-2">
        <span className="truncate">{note}</span>
        <span className="shrink-0">{more}</span>
      </span>
    </span>
  );
}

/** Whether a box is too narrow for columns. */
function useNarrow(box: RefObject<HTMLElement | null>): boolean {
  const [narrow, setNarrow] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const measure = () => setNarrow(element.clientWidth < NARROW_BELOW_PX);
    measure();
    const sized = new ResizeObserver(measure);
    sized.observe(element);
    return () => sized.disconnect();
  }, [box]);
  return narrow;
}

function Head<T>({ column, sort, onSort }: { column: Column<T>; sort: Sort | undefined; onSort: ((by: string) => void) | undefined }) {
  const mine = sort?.by === column.id;
  const Arrow = sort?.down ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      style={column.width ? { width: column.width } : undefined}
      aria-sort={mine ? (sort.down ? "descending" : "ascending") : undefined}
      className={clsx("h-9 px-3 font-medium", place(column))}
    >
      {column.sortable && onSort ? (
        <button type="button" onClick={() => onSort(column.id)} className="target inline-flex min-h-6 items-center gap-1 hover:text-text">
          {column.head}
          {mine && <Arrow size={12} aria-hidden />}
        </button>
      ) : (
        column.head
      )}
    </th>
  );
}

function place<T>({ right, from }: Column<T>): string {
  return clsx(right ? "text-right" : "text-left", "whitespace-nowrap", from && FROM[from]);
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}
