// Who is signed in, and what is left to them.
import { useQuery } from "@tanstack/react-query";

import { read } from "./api";
import type { Caller } from "./contract";

export function useCaller() {
  return useQuery({
    queryKey: ["caller"],
    queryFn: ({ signal }) => read<Caller>("/caller", {}, signal),
    refetchInterval: 60_000,
  });
}

export function isAdmin(caller: Caller | undefined): boolean {
  return caller?.scopes?.includes("admin") ?? false;
}
