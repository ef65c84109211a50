"use client";

import { PRIMARY } from "./styles";
import { keepKey } from "@/lib/key";

/** Asks for a key where the address brought none. */
export function KeyGate() {
  function signIn(form: FormData) {
    const key = String(form.get("key") ?? "").trim();
    if (key) {
      keepKey(key);
    }
  }

  return (
    <form action={signIn} className="m-auto flex w-full max-w-96 flex-col gap-3 p-4">
      <h1 className="text-title">Sign in</h1>
      <label htmlFor="key" className="text-text-2">
        A key of this gateway. The first one is in the login address that the gateway printed when it first started; more
        are made by <code className="font-mono">generative-gateway keys create</code>.
      </label>
      <input
        id="key"
        name="key"
        type="password"
        required
        autoComplete="off"
        placeholder="ggw_…"
        className="rounded-control border border-line-strong bg-surface px-3 py-2 font-mono"
      />
      <button type="submit" className={PRIMARY}>
        Sign in
      </button>
    </form>
  );
}
