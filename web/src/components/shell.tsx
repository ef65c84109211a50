"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

import { KeyGate } from "./key-gate";
import { ThemeButton } from "./theme-button";
import { dropKey, useKey } from "@/lib/key";

const PAGES = [
  { href: "/", name: "Chat" },
  { href: "/models/", name: "Models" },
  { href: "/usage/", name: "Usage" },
];

/** The frame of every page: a sidebar on wide screens, a bar on narrow ones. */
export function Shell({ children }: { children: ReactNode }) {
  const key = useKey();
  const path = usePathname();
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <header className="flex shrink-0 items-center gap-1 border-b border-line bg-sunken px-3 py-2 md:w-56 md:flex-col md:items-stretch md:border-r md:border-b-0 md:p-3">
        <div className="mr-auto flex items-center gap-2 font-semibold md:mr-0 md:px-2 md:py-2">
          <Mark />
          <span className="max-sm:sr-only">Generative Gateway</span>
        </div>
        <nav aria-label="Pages" className="flex gap-1 md:flex-col">
          {PAGES.map(({ href, name }) => (
            <Link
              key={href}
              href={href}
              aria-current={path === href ? "page" : undefined}
              className="rounded-control px-2 py-1.5 text-text-2 hover:bg-hover aria-[current]:bg-surface aria-[current]:font-medium aria-[current]:text-text"
            >
              {name}
            </Link>
          ))}
        </nav>
        <div className="flex gap-1 md:mt-auto md:flex-col">
          <ThemeButton />
          {key && (
            <button
              type="button"
              onClick={dropKey}
              className="rounded-control px-2 py-1.5 text-left text-text-2 hover:bg-hover"
            >
              Sign out
            </button>
          )}
        </div>
      </header>
      <main className="flex min-h-0 min-w-0 grow flex-col">{key === null ? <KeyGate /> : key && children}</main>
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-5 text-accent" aria-hidden>
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
