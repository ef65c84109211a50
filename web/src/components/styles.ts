// Classes that several components share.

export const PRIMARY =
  "rounded-control bg-accent px-3 py-1.5 font-medium text-on-accent hover:bg-accent-hover disabled:opacity-50";

export const QUIET =
  "rounded-control border border-line bg-surface px-3 py-1.5 font-medium hover:bg-hover disabled:opacity-50";

export const FIELD = "rounded-control border border-line-strong bg-surface px-2 py-1.5";
