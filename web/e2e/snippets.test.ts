// What a model's page gives to copy, run as its readers would run it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "./fixtures";

/** Where the tests of clients have put OpenAI's package. */
const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));

for (const { model, curled, printed } of [
  { model: "sandbox/echo", curled: '"text":"Hello"', printed: /^Hello$/ },
  { model: "sandbox/embed", curled: '"vector":[', printed: /^\d+$/ },
]) {
  test(`the page of ${model} gives code that runs`, async ({ page, gateway, signIn }) => {
    await signIn(`/model/?id=${model}`);
    const code = async (language: string, begin: string) => {
      await page.getByRole("group", { name: "Language" }).getByRole("button", { name: language }).click();
      await expect(page.locator("pre")).toContainText(begin);
      return (await page.locator("pre").textContent()) ?? "";
    };
    const run = (program: string, text: string) =>
      execFileSync(program, ["-c", text], { env: { ...process.env, GGW_KEY: gateway.key }, encoding: "utf8", timeout: 30_000, stdio: "pipe" });
    expect(run("bash", (await code("cURL", "curl")).replace("curl ", "curl -sS "))).toContain(curled);
    const script = await code("Python", "import os");
    test.skip(!existsSync(PYTHON), "OpenAI's Python package is not installed");
    expect(run(PYTHON, script).trim()).toMatch(printed);
  });
}
