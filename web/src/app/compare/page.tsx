import type { Metadata } from "next";

import { Compare } from "@/features/chat/compare/compare";

export const metadata: Metadata = { title: "Compare" };

export default function Page() {
  return <Compare />;
}
