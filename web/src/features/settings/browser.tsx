"use client";

import { clear } from "idb-keyval";
import Link from "next/link";

import { Button, Segmented } from "@/components/button";
import { Card } from "@/components/states";
import { toast } from "@/components/toast";
import { chooseTheme, THEMES, useKept } from "@/lib/browser";
import { useCaller } from "@/lib/caller";
import { signOut } from "@/lib/key";
import { oneOf } from "@/lib/url";

/** What this browser keeps. */
export function Browser() {
  const theme = oneOf(useKept("theme"), THEMES);
  return (
    <Card title="This browser">
      <div className="flex items-center gap-3">
        Theme
        <Segmented label="Theme" value={theme} options={THEMES.map((value) => ({ value, name: value }))} onChange={chooseTheme} />
      </div>
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
