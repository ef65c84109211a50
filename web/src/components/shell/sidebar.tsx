"use client";

import clsx from "clsx";
import { Menu, Search } from "lucide-react";
import Link from "next/link";
import { useEffect, type ReactNode } from "react";

import { Meter } from "@/components/badge";
import { IconButton } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { Edge } from "./edge";
import { usePages } from "./pages";
import { useCaller } from "@/lib/caller";
import { keyNames, useMac } from "@/lib/commands";
import { day, total } from "@/lib/format";
import { usePath } from "@/lib/url";

interface Props {
  sessions: ReactNode;
  folded: boolean;
  menu: boolean;
  onMenu: (open: boolean) => void;
  onSearch: () => void;
}

/** On wide screens a column, on middling ones a rail of icons, on phones a sheet. */
export function Sidebar({ sessions, folded, menu, onMenu, onSearch }: Props) {
  const path = usePath();
  useEffect(() => onMenu(false), [path, onMenu]);
  return (
    <>
      <aside
        aria-label="Sidebar"
        className={clsx(
          "relative flex shrink-0 flex-col border-r border-line bg-sunken max-sm:hidden",
          folded ? "w-rail" : "w-rail md:w-(--sidebar)",
        )}
      >
        <Content sessions={sessions} rail={folded ? "always" : "middling"} onSearch={onSearch} />
        {!folded && <Edge />}
      </aside>
      <Dialog open={menu} onClose={() => onMenu(false)} title="Menu" bare shape="left">
        <div className="flex h-dvh flex-col bg-sunken">
          <Content
            sessions={sessions}
            rail="never"
            onSearch={() => {
              onMenu(false);
              onSearch();
            }}
          />
        </div>
      </Dialog>
    </>
  );
}

/** A phone's bar above the page. */
export function TopBar({ onMenu }: { onMenu: () => void }) {
  const path = usePath();
  const page = usePages().find(({ href }) => path.startsWith(href.slice(0, -2)));
  return (
    <header className="flex h-13 shrink-0 items-center gap-2 border-b border-line bg-sunken px-2 sm:hidden">
      <IconButton icon={Menu} label="Menu" onClick={onMenu} />
      <Mark />
      <span className="font-semibold">{page?.name ?? "Generative Gateway"}</span>
    </header>
  );
}

function Content({ sessions, rail, onSearch }: { sessions: ReactNode; rail: "always" | "middling" | "never"; onSearch: () => void }) {
  const path = usePath();
  const pages = usePages();
  const mac = useMac();
  // Words that a rail has no room for.
  const words = { always: "sr-only", middling: "max-md:sr-only", never: "" }[rail];
  const block = { always: "hidden", middling: "max-md:hidden", never: "" }[rail];
  return (
    <>
      <div className="flex h-13 shrink-0 items-center gap-2 px-4 text-body font-semibold">
        <Mark />
        <span className={words}>Generative Gateway</span>
      </div>
      <div className="px-2 pb-2">
        <button
          type="button"
          onClick={onSearch}
          title="Search or jump to"
          className="target flex h-8 w-full items-center gap-2 rounded-control border border-line bg-surface px-2.5 text-text-2 hover:bg-hover"
        >
          <Search size={16} strokeWidth={1.6} aria-hidden className="shrink-0" />
          <span className={clsx("truncate", words)}>Search or jump to</span>
          <kbd className={clsx("ml-auto rounded-tile border border-line px-1 font-mono text-note whitespace-nowrap", block)}>{keyNames("mod+k", mac).join(" ")}</kbd>
        </button>
      </div>
      <nav aria-label="Pages" className="flex flex-col gap-px px-2">
        {pages.map(({ href, name, icon: Icon }) => (
          <Link
            key={href}
            href={href}
            title={name}
            aria-current={path === href || (href === "/chat/" && path === "/") || (href === "/models/" && path === "/model/") || (href === "/generations/" && path === "/generation/") ? "page" : undefined}
            className="target flex h-8 items-center gap-2.5 rounded-control border border-transparent px-2.5 text-text-2 hover:bg-hover aria-[current]:border-line aria-[current]:bg-surface aria-[current]:font-medium aria-[current]:text-text aria-[current]:shadow-1"
          >
            <Icon size={16} strokeWidth={1.6} aria-hidden className="shrink-0" />
            <span className={clsx("truncate", words)}>{name}</span>
          </Link>
        ))}
      </nav>
      <div className={clsx("mt-3 flex min-h-0 grow flex-col", block)}>{sessions}</div>
      <div className={clsx("shrink-0 border-t border-line p-4", block)}>
        <Foot />
      </div>
    </>
  );
}

const WINDOWS = { day: "today", week: "this week", month: "this month", forever: "in all" };

/** Who is signed in and what is left of the tightest budget. */
function Foot() {
  const { data: caller } = useCaller();
  if (!caller) {
    return <div className="min-h-13" />;
  }
  const budget = caller.tightest_budget;
  const { limit_usd: limit = 0, spent_usd: spent = 0, reserved_usd: reserved = 0 } = budget ?? {};
  const over = budget && spent >= limit;
  return (
    <div className="flex min-h-13 flex-col justify-end gap-1.5 text-note text-text-2">
      <p className="flex justify-between gap-2">
        <span className="truncate">{[caller.project, caller.key_name].filter(Boolean).join(" · ")}</span>
        {budget && <span className="shrink-0">{total(budget.remaining_usd ?? 0)} left</span>}
      </p>
      {budget && <Meter label={`Budget ${budget.name ?? ""}`} spent={spent} reserved={reserved} limit={limit} />}
      <p className={clsx(over && "text-bad")}>
        {over
          ? `Budget spent${budget.renew_time ? `, resets ${day(budget.renew_time)}` : ""}`
          : budget
            ? `of ${total(limit)} ${WINDOWS[budget.window ?? "forever"]}`
            : caller.month_cost_usd === undefined
              ? "No cost this month"
              : `${total(caller.month_cost_usd)} this month`}
      </p>
    </div>
  );
}

export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-5 shrink-0 text-accent" aria-hidden>
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <path
        d="M7 11h5c5 0 4 10 9 10h4M7 21h5c5 0 4-10 9-10h4"
        fill="none"
        className="stroke-on-accent"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
    </svg>
  );
}
