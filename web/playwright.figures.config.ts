// Figures are printed, never asserted: a slow machine is no fault of the pages.
import config from "./playwright.config";

export default { ...config, testMatch: "*.figures.ts" };
