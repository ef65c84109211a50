"use client";

import { Aliases } from "./aliases";
import { Audit } from "./audit";
import { About, Browser } from "./browser";
import { ConfigurationView } from "./configuration";
import { Providers } from "./providers";
import { Segmented } from "@/components/button";
import { Page } from "@/components/states";
import { isAdmin, useCaller } from "@/lib/caller";
import { oneOf, useAddress } from "@/lib/url";

const TABS = ["providers", "configuration", "aliases", "audit", "browser", "about"] as const;
type Tab = (typeof TABS)[number];
const NAMES: Record<Tab, string> = {
  providers: "Providers",
  configuration: "Configuration",
  aliases: "Aliases",
  audit: "Changes",
  browser: "This browser",
  about: "About",
};
const OPEN: Tab[] = ["browser", "about"];

/** How the gateway is set up, and how this browser shows it. */
export function Settings() {
  const [address, go] = useAddress();
  const caller = useCaller();
  const tabs = isAdmin(caller.data) || caller.isPending ? [...TABS] : OPEN;
  const wanted = oneOf<Tab>(address.get("tab"), TABS);
  const tab = tabs.includes(wanted) ? wanted : "browser";
  return (
    <Page title="Settings">
      <Segmented label="Part" value={tab} options={tabs.map((value) => ({ value, name: NAMES[value] }))} onChange={(value) => go({ tab: value })} />
      {tab === "providers" && <Providers />}
      {tab === "configuration" && <ConfigurationView />}
      {tab === "aliases" && <Aliases />}
      {tab === "audit" && <Audit />}
      {tab === "browser" && <Browser />}
      {tab === "about" && <About />}
    </Page>
  );
}
