import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import type { ReactNode } from "react";

import { Providers } from "./providers";
import { Shell } from "@/components/shell/shell";
import { Sessions } from "@/features/chat/sessions/sessions";

import "./globals.css";

const text = localFont({
  src: "../../node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2",
  variable: "--font-text",
  weight: "100 900",
});
const code = localFont({
  src: "../../node_modules/@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2",
  variable: "--font-code",
  weight: "100 900",
  preload: false,
});

export const metadata: Metadata = { title: { default: "Generative Gateway", template: "%s · Generative Gateway" } };
export const viewport: Viewport = { width: "device-width", initialScale: 1, interactiveWidget: "resizes-content" };

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${text.variable} ${code.variable}`} suppressHydrationWarning>
      <head>
        {/* Blocking on purpose: the key leaves the address and the theme is set before anything is drawn. */}
        <script src="/boot.js" />
      </head>
      <body>
        <Providers>
          <Shell sessions={<Sessions />}>{children}</Shell>
        </Providers>
      </body>
    </html>
  );
}
