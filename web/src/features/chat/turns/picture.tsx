"use client";

import { Copy, Download } from "lucide-react";
import { useState } from "react";

import { Button, buttonClass } from "@/components/button";
import { Dialog } from "@/components/dialog";
import { RemoteImage } from "@/components/markdown/remote-image";
import { toast } from "@/components/toast";
import type { Image } from "@/lib/contract";

/** Only pictures that came with the answer are drawn: an address in it could carry data away. */
export function Picture({ image, alt }: { image: Image; alt: string }) {
  const [open, setOpen] = useState(false);
  const type = ("data" in image && image.media_type) || "image/png";
  const inline = "data" in image ? `data:${type};base64,${image.data}` : image.url;
  if (!inline.startsWith("data:image/")) {
    return <RemoteImage href={inline} alt={alt} />;
  }
  return (
    <>
      <button type="button" title="Larger" onClick={() => setOpen(true)} className="self-start rounded-card">
        <img src={inline} alt={alt} className="max-h-96 min-h-40 max-w-full rounded-card border border-line" />
      </button>
      <Dialog open={open} onClose={() => setOpen(false)} title={alt} shape="wide">
        <img src={inline} alt={alt} className="max-h-[70dvh] max-w-full self-center rounded-card border border-line object-contain" />
        <div className="flex justify-end gap-2">
          {/* Browsers copy pictures of this kind alone, and only where the page came safely. */}
          {type === "image/png" && window.isSecureContext && (
            <Button icon={Copy} onClick={() => void copyPicture(inline)}>
              Copy
            </Button>
          )}
          <a href={inline} download={`picture.${type.split("/")[1]?.split("+")[0] ?? "png"}`} className={buttonClass("primary")}>
            <Download size={16} strokeWidth={1.6} aria-hidden />
            Download
          </a>
        </div>
      </Dialog>
    </>
  );
}

async function copyPicture(url: string): Promise<void> {
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": new Blob([bytes], { type: "image/png" }) })]);
  toast("Copied");
}
