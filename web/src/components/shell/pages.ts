"use client";

import { Box, ChartColumn, Columns2, KeyRound, ListFilter, MessageSquare, Settings } from "lucide-react";
import { useRouter } from "next/navigation";

import { isAdmin, useCaller } from "@/lib/caller";
import { useCommands } from "@/lib/commands";

const PAGES = [
  { href: "/chat/", name: "Chat", icon: MessageSquare, keys: "g c", admin: false },
  { href: "/compare/", name: "Compare", icon: Columns2, keys: "g p", admin: false },
  { href: "/models/", name: "Models", icon: Box, keys: "g m", admin: false },
  { href: "/usage/", name: "Usage", icon: ChartColumn, keys: "g u", admin: false },
  { href: "/generations/", name: "Generations", icon: ListFilter, keys: "g l", admin: false },
  { href: "/keys/", name: "Keys and projects", icon: KeyRound, keys: "g k", admin: true },
  { href: "/settings/", name: "Settings", icon: Settings, keys: "g s", admin: false },
];

/** The pages that the caller's key can use. */
export function usePages() {
  const caller = useCaller();
  return PAGES.filter(({ admin }) => !admin || !caller.data || isAdmin(caller.data));
}

/** Offers each page as a command. */
export function useGoTo(): void {
  const router = useRouter();
  const pages = usePages();
  useCommands([
    ...pages.map(({ href, name, keys }) => ({
      id: href,
      title: name,
      group: "Go to" as const,
      keys,
      run: () => router.push(href),
    })),
    {
      id: "new-chat",
      title: "New chat",
      group: "Go to",
      keys: "mod+shift+o",
      run: () => router.push("/chat/"),
    },
  ]);
}
