import type { Metadata } from "next";

import { Keys } from "@/features/keys/keys";

export const metadata: Metadata = { title: "Keys and projects" };

export default function Page() {
  return <Keys />;
}
