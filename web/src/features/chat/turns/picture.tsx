"use client";

import { RemoteImage } from "@/components/markdown/remote-image";
import type { Image } from "@/lib/contract";

/** Only pictures that came with the answer are drawn: an address in it could carry data away. */
export function Picture({ image, alt }: { image: Image; alt: string }) {
  const inline = "data" in image ? `data:${image.media_type || "image/png"};base64,${image.data}` : image.url;
  if (inline.startsWith("data:image/")) {
    return (
      <a href={inline} download="picture.png" className="self-start">
        <img src={inline} alt={alt} className="max-h-96 min-h-40 max-w-full rounded-card border border-line" />
      </a>
    );
  }
  return <RemoteImage href={inline} alt={alt} />;
}
