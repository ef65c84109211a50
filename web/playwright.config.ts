import { existsSync } from "node:fs";

import { defineConfig } from "@playwright/test";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.test.ts",
  workers: 1,
  timeout: 30_000,
  globalTimeout: 600_000,
  reporter: "list",
  outputDir: ".next/e2e",
  use: {
    viewport: { width: 1440, height: 900 },
    // The browser of the system where there is one; else Playwright's own.
    launchOptions: existsSync(CHROMIUM) ? { executablePath: CHROMIUM } : {},
  },
});
