"use client";

import { clear } from "idb-keyval";
import Link from "next/link";

import { Button, Segmented } from "@/components/button";
import { Card } from "@/components/states";
import { toast } from "@/components/toast";
import { chooseTheme, DENSITIES, keep, READING, SEND_KEYS, THEMES, useDensity, useKept, useReading, useSendKey } from "@/lib/browser";
import { useCaller } from "@/lib/caller";
import { useMac } from "@/lib/commands";
import { signOut } from "@/lib/key";
import { oneOf } from "@/lib/url";

/** What this browser keeps. */
export function Browser() {
  const theme = oneOf(useKept("theme"), THEMES);
  const density = useDensity();
  const sendKey = useSendKey();
  const reading = useReading();
  const mac = useMac();
  return (
    <Card title="This browser">
      <dl className="grid grid-cols-[auto_1fr] items-center justify-items-start gap-x-4 gap-y-2">
        <dt>Theme</dt>
        <dd>
          <Segmented label="Theme" value={theme} options={THEMES.map((value) => ({ value, name: value }))} onChange={chooseTheme} />
        </dd>
        <dt>Tables</dt>
        <dd>
          <Segmented label="Tables" value={density} options={DENSITIES.map((value) => ({ value, name: value }))} onChange={(value) => keep("density", value)} />
        </dd>
        <dt>Send with</dt>
        <dd>
          <Segmented
            label="Send with"
            value={sendKey}
            options={SEND_KEYS.map((value) => ({ value, name: value === "enter" ? "Enter" : mac ? "⌘ Enter" : "Ctrl Enter" }))}
            onChange={(value) => keep("send-key", value)}
          />
        </dd>
        <dt>Read aloud</dt>
        <dd>
          <Segmented
            label="Read aloud"
            value={reading}
            options={READING.map((value) => ({ value, name: value === "paragraphs" ? "as they settle" : "off" }))}
            onChange={(value) => keep("reading", value)}
          />
        </dd>
      </dl>
      <p className="text-text-2">Drafts, recent models and default settings are kept here. The key is kept for this tab alone.</p>
      <div className="flex gap-2">
        <Button
          onClick={() => {
            localStorage.clear();
            void clear();
            toast("Forgotten");
          }}
        >
          Forget everything here
        </Button>
        <Button kind="danger" onClick={signOut}>
          Sign out
        </Button>
      </div>
    </Card>
  );
}

export function About() {
  const { data: caller } = useCaller();
  return (
    <Card title="Generative Gateway">
      <p>Version {caller?.gateway_version ?? "–"}</p>
      <p className="text-text-2">
        Signed in as {caller?.key_name} of {caller?.project_name ?? caller?.project}
        {caller?.all_projects && ", which manages all projects"}.
      </p>
      <p>
        <Link href="/models/" className="text-accent-text underline">
          Models and prices
        </Link>
      </p>
    </Card>
  );
}
