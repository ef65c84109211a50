// A gateway of the tests' own: the real binary on a free port, with the sandbox and books in a folder of its own.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROJECT = new URL("../..", import.meta.url).pathname;
const START_MS = 20_000;

export interface Gateway {
  url: string;
  key: string;
  /** Kills it, as losing power does, and starts it again on the same books; returns when it is ready. */
  restart: () => Promise<void>;
  stop: () => Promise<void>;
}

function binary(): string {
  const target = process.env["CARGO_TARGET_DIR"] ?? join(PROJECT, "target");
  const candidates = [process.env["GATEWAY_BINARY"], join(target, "release/generative-gateway"), join(target, "debug/generative-gateway")];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) {
    throw new Error("there is no gateway binary: run `make build`, or set GATEWAY_BINARY");
  }
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts one, with further variables; its key is from the login line that a first start prints. */
export async function startGateway(variables: Record<string, string> = {}): Promise<Gateway> {
  const folder = await mkdtemp(join(tmpdir(), "gateway-e2e-"));
  const port = await freePort();
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("GATEWAY") && !name.endsWith("_API_KEY"));
  const url = `http://127.0.0.1:${port}`;
  const start = () =>
    spawn(binary(), [], {
      cwd: folder,
      env: {
        ...(Object.fromEntries(clean) as NodeJS.ProcessEnv),
        HOME: folder,
        GATEWAY__SERVER__LISTEN: `127.0.0.1:${port}`,
        GATEWAY__METRICS__ENABLED: "false",
        GATEWAY__DATABASE__URL: `sqlite://${folder}/gateway.db?mode=rwc`,
        ...variables,
      },
    });
  let running = start();
  const key = await loginKey(running);
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  };
  return {
    url,
    key,
    async restart() {
      await end("SIGKILL");
      running = start();
      const until = Date.now() + START_MS;
      while (!(await fetch(`${url}/readyz`).then(({ ok }) => ok, () => false))) {
        if (Date.now() > until) {
          throw new Error("the gateway did not come back");
        }
      }
    },
    async stop() {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function loginKey(running: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`the gateway printed no login address:\n${output}`)), START_MS);
    const read = (piece: Buffer) => {
      output += piece.toString();
      const key = /#key=([\w-]+)/.exec(output)?.[1];
      if (key) {
        clearTimeout(timer);
        resolve(key);
      }
    };
    running.stdout?.on("data", read);
    running.stderr?.on("data", read);
  });
}
