import type { Metadata } from "next";

import { Captured } from "@/features/chat/captured";
import { GenerationPage } from "@/features/generations/generation-page";

export const metadata: Metadata = { title: "Generation" };

export default function Page() {
  return <GenerationPage content={<Captured />} />;
}
