import type { NextConfig } from "next";

const config: NextConfig = {
  output: "export",
  trailingSlash: true, // each page is <name>/index.html, which any file server finds
  reactStrictMode: true,
  images: { unoptimized: true },
};

export default config;
