import config from "./playwright.config";

/** `npm run screenshots` draws every page for a person to look at; pictures go to SCREENSHOTS or .next/screenshots. */
export default { ...config, testMatch: "*.screenshots.ts", timeout: 120_000, globalTimeout: 600_000 };
