// The providers, and how they did in the last quarter of an hour.
import { useQuery } from "@tanstack/react-query";

import { read } from "./api";
import type { ProviderStatus } from "./contract";

/** Those that are known; only for who may see them all. */
export function useProviders(enabled = true) {
  return useQuery({
    queryKey: ["providers"],
    queryFn: ({ signal }) => read<{ providers?: ProviderStatus[] }>("/providers", {}, signal),
    refetchInterval: 10_000,
    enabled,
  });
}

type Tone = "neutral" | "good" | "warn" | "bad";

/** A provider's health in a word. */
export function healthOf(provider: ProviderStatus): [word: string, tone: Tone] {
  return HEALTH[provider.health ?? ""] ?? ["Unknown", "neutral"];
}

const HEALTH: Record<string, [string, Tone]> = {
  not_configured: ["Not set", "neutral"],
  disabled: ["Switched off", "neutral"],
  idle: ["Idle", "neutral"],
  healthy: ["Healthy", "good"],
  degraded: ["Degraded", "warn"],
  paused: ["Paused", "bad"],
};
