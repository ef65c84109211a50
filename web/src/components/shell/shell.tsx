"use client";

import clsx from "clsx";
import dynamic from "next/dynamic";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { Page, Skeleton } from "@/components/states";
import { Toasts } from "@/components/toast";
import { Banner } from "./banner";
import { KeyGate, SignInAgain } from "./key-gate";
import { Sidebar, TopBar } from "./sidebar";
import { useGoTo, usePages } from "./pages";
import { chooseTheme, DENSITIES, keep, SEND_KEYS } from "@/lib/browser";
import { listenToKeys, useCommands } from "@/lib/commands";
import { shareKey, signOut, useKey } from "@/lib/key";
import { usePath } from "@/lib/url";

// Loaded when they are first opened.
const Palette = dynamic(() => import("./palette").then((file) => file.Palette), { ssr: false });
const KeyList = dynamic(() => import("./key-list").then((file) => file.KeyList), { ssr: false });

/** The frame of every page. `sessions` stands in the sidebar while the chat is open. */
export function Shell({ sessions, children }: { sessions: ReactNode; children: ReactNode }) {
  const key = useKey();
  useEffect(shareKey, []);
  if (key === null) {
    return (
      <main className="flex h-dvh">
        <KeyGate />
      </main>
    );
  }
  return (
    <SignedIn sessions={sessions} guessed={key === undefined}>
      {children}
    </SignedIn>
  );
}

interface Props {
  sessions: ReactNode;
  /** It is the exported page: whether somebody is signed in is known to public/boot.js alone. */
  guessed: boolean;
  children: ReactNode;
}

function SignedIn({ sessions, guessed, children }: Props) {
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const [menu, setMenu] = useState(false);
  const [folded, setFolded] = useState(false);
  const path = usePath();
  // Not before the page is there: its commands are what keys are for.
  useEffect(() => (guessed ? undefined : listenToKeys()), [guessed]);
  const left = useRef(path);
  useEffect(() => {
    // A page that was opened by a link begins at its title, for who hears it and who goes on by keys.
    if (left.current !== path) {
      left.current = path;
      document.querySelector<HTMLElement>("main h1[tabindex]")?.focus();
    }
  }, [path]);
  useGoTo();
  useCommands([
    { id: "palette", title: "Search or jump to", group: "Settings", keys: "mod+k", run: () => setPalette(true) },
    { id: "keys", title: "Keys of the keyboard", group: "Settings", keys: "?", run: () => setKeys(true) },
    { id: "fold", title: "Fold the sidebar", group: "Settings", keys: "mod+b", run: () => setFolded(!folded) },
    { id: "theme-system", title: "Theme: system", group: "Settings", run: () => chooseTheme("system") },
    { id: "theme-light", title: "Theme: light", group: "Settings", run: () => chooseTheme("light") },
    { id: "theme-dark", title: "Theme: dark", group: "Settings", run: () => chooseTheme("dark") },
    {
      id: "theme",
      title: "Switch between light and dark",
      group: "Settings",
      keys: "mod+shift+l",
      run: () => chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"),
    },
    ...DENSITIES.map((density) => ({ id: `tables ${density}`, title: `Tables: ${density}`, group: "Settings" as const, run: () => keep("density", density) })),
    ...SEND_KEYS.map((key) => ({
      id: `send ${key}`,
      title: key === "enter" ? "Send with Enter" : "Send with Ctrl Enter",
      group: "Settings" as const,
      run: () => keep("send-key", key),
    })),
    { id: "sign-out", title: "Sign out", group: "Settings", run: signOut },
  ]);
  const shown = /^\/(chat\/)?$/.test(path) && !guessed ? sessions : null;
  return (
    <div className={clsx("flex h-dvh flex-col sm:flex-row", guessed && "guessed")}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-40 focus:rounded-control focus:bg-raised focus:p-2"
      >
        To the content
      </a>
      <TopBar onMenu={() => setMenu(true)} />
      <Sidebar
        sessions={shown}
        folded={folded}
        menu={menu}
        onMenu={setMenu}
        onSearch={() => setPalette(true)}
      />
      <main id="main" className="flex min-h-0 min-w-0 grow flex-col">
        <Banner />
        {guessed ? <Before path={path} /> : children}
      </main>
      {palette && <Palette open onClose={() => setPalette(false)} />}
      {keys && <KeyList open onClose={() => setKeys(false)} />}
      <SignInAgain />
      <Toasts />
    </div>
  );
}

/** A page before its scripts run: what all of its views have. */
function Before({ path }: { path: string }) {
  const page = usePages().find(({ href }) => href === path);
  return page && !["/chat/", "/compare/"].includes(path) ? (
    <Page title={page.name}>
      <Skeleton className="h-96" />
    </Page>
  ) : (
    <div className="h-13 border-b border-line" aria-busy />
  );
}
