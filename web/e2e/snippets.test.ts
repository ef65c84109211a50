// What a model's page gives to copy, run as its readers would run it.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, test } from "./fixtures";

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** Where the tests of clients have put OpenAI's package and gRPC's. */
const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));

for (const { model, curled, printed, called } of [
  { model: "sandbox/echo", curled: '"text":"Hello"', printed: /^Hello$/, called: /"text": "Hello"/ },
  { model: "sandbox/embed", curled: '"vector":[', printed: /^\d+$/, called: /"vector": \[/ },
]) {
  test(`the page of ${model} gives code that runs`, async ({ page, gateway, signIn }) => {
    await signIn(`/model/?id=${model}`);
    const code = async (language: string, begin: string) => {
      await page.getByRole("group", { name: "Language" }).getByRole("button", { name: language }).click();
      await expect(page.locator("pre")).toContainText(begin);
      return (await page.locator("pre").textContent()) ?? "";
    };
    const run = (program: string, ...given: string[]) =>
      execFileSync(program, given, { cwd: HERE, env: { ...process.env, FORCE_COLOR: "0", GGW_KEY: gateway.key }, encoding: "utf8", timeout: 30_000, stdio: "pipe" });
    expect(run("bash", "-c", (await code("cURL", "curl")).replace("curl ", "curl -sS "))).toContain(curled);
    expect(run("node", "--input-type=module", "-e", await code("TypeScript", "import OpenAI")).trim()).toMatch(printed);
    const script = await code("Python", "import os");
    const call = await code("gRPC", "grpcurl");
    test.skip(!existsSync(PYTHON), "the packages of the tests of clients are not installed");
    expect(run(PYTHON, "-c", script).trim()).toMatch(printed);
    expect(run("bash", "-c", call.replace("grpcurl ", `${PYTHON} grpcurl.py `))).toMatch(called);
  });
}
