"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";

import { Fault } from "@/lib/api";
import { onSignOut } from "@/lib/key";

/** What every page stands on: one cache of what the server said. */
export function Providers({ children }: { children: ReactNode }) {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 30_000,
            retry: (count, error) => count < 2 && !(error instanceof Fault && !error.detail.retryable),
          },
        },
      }),
  );
  useEffect(() => onSignOut(() => client.clear()), [client]);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
