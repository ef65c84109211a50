import type { Metadata } from "next";

import { Gallery } from "@/features/gallery/gallery";

export const metadata: Metadata = { title: "Gallery", robots: "noindex" };

export default function Page() {
  return <Gallery />;
}
