import type { Metadata } from "next";

import { Generations } from "@/features/generations/generations";

export const metadata: Metadata = { title: "Generations" };

export default function Page() {
  return <Generations />;
}
