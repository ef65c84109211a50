// View state in the address: every view is a link.
import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";

export type Changes = Record<string, string | undefined>;

/** The address's parameters, and a way to change some. A choice makes a history entry; typing replaces the last. */
export function useAddress(): [URLSearchParams, (changes: Changes, how?: "push" | "replace") => void] {
  const parameters = useSearchParams();
  const change = useCallback((changes: Changes, how: "push" | "replace" = "push") => {
    const next = changed(new URLSearchParams(location.search), changes).toString();
    const address = location.pathname + (next && `?${next}`);
    if (address !== location.pathname + location.search) {
      history[how === "push" ? "pushState" : "replaceState"](null, "", address);
    }
  }, []);
  return [parameters, change];
}

/** The page's path, with a slash at its end. */
export function usePath(): string {
  // While pages are exported it has none.
  return usePathname().replace(/\/*$/, "/");
}

/** Parameters after some were set; what is empty is a default, and defaults are not written. */
export function changed(parameters: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value) {
      next.set(name, value);
    } else {
      next.delete(name);
    }
  }
  return next;
}

/** One of the known words; the first where it is none. */
export function oneOf<T extends string>(value: string | null, known: readonly [T, ...T[]]): T {
  return known.find((word) => word === value) ?? known[0];
}

/** A comma-separated list. */
export function list(value: string | null): string[] {
  return value ? value.split(",").filter(Boolean) : [];
}

/** A number; undefined where it is none. */
export function number(value: string | null): number | undefined {
  const parsed = value === null || value === "" ? Number.NaN : Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}
