"use client";

import { useEffect, useRef, useState } from "react";

import { Button } from "@/components/button";
import { safeHref } from "@/lib/markdown/links";

/** A picture elsewhere: loading it tells its host who reads, and what the address carries. So it waits for a click. */
export function RemoteImage({ href, alt }: { href: string; alt: string }) {
  const [shown, setShown] = useState(false);
  const url = safeHref(href);
  if (!url || url.protocol === "mailto:") {
    return <span className="text-text-2">[{alt || "image"}]</span>;
  }
  return (
    <span className="my-1 flex flex-col gap-2 rounded-card border border-line bg-surface p-3 text-ui">
      <span className="flex flex-wrap items-center gap-2">
        <span className="min-w-0 grow break-words">
          Image from <b className="font-medium">{url.host}</b>
          {alt && <span className="text-text-2"> · {alt}</span>}
        </span>
        {!shown && url.protocol === "https:" && <Button onClick={() => setShown(true)}>Load</Button>}
      </span>
      {shown && <Frame url={url} alt={alt} />}
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" className="text-note break-all text-accent-text underline">
        {url.href}
      </a>
    </span>
  );
}

const UNKNOWN_HEIGHT = 160;

/** A page of its own that may do nothing but draw one picture; this one may not load it. */
function Frame({ url, alt }: { url: URL; alt: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [size, setSize] = useState<{ width?: number; height?: number; failed?: boolean }>();
  useEffect(() => {
    const onMessage = ({ source, data }: MessageEvent) => {
      if (frame.current && source === frame.current.contentWindow) {
        setSize(data as typeof size);
      }
    };
    addEventListener("message", onMessage);
    return () => removeEventListener("message", onMessage);
  }, []);
  const { width = 0, height = 0, failed = false } = size ?? {};
  return (
    <>
      {failed && <span className="text-bad">It could not be loaded.</span>}
      <iframe
        ref={frame}
        title={alt || `Image from ${url.host}`}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        src={`/image-frame/#${encodeURIComponent(url.href)}`}
        hidden={failed}
        className="w-full rounded-control border-0"
        style={width > 0 && height > 0 ? { maxWidth: width, aspectRatio: `${width} / ${height}` } : { height: UNKNOWN_HEIGHT }}
      />
    </>
  );
}
