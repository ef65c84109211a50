"use client";

import { safeHref } from "@/lib/markdown/links";

/** A picture elsewhere: loading it would tell its host who reads, and what the address carries. */
export function RemoteImage({ href, alt }: { href: string; alt: string }) {
  const url = safeHref(href);
  if (!url || url.protocol === "mailto:") {
    return <span className="text-text-2">[{alt || "image"}]</span>;
  }
  return (
    <span className="my-1 flex flex-col gap-1 rounded-card border border-line bg-surface p-3 text-ui">
      <span>
        Image from <b className="font-medium">{url.host}</b>
        {alt && <span className="text-text-2"> · {alt}</span>}
      </span>
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" className="text-note break-all text-accent-text underline">
        {url.href}
      </a>
    </span>
  );
}
