// A wire between browser and gateway that can be cut.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export interface Proxy {
  url: string;
  /** Cuts the connections on which an answer is being streamed; returns how many these were. */
  cut: () => number;
  stop: () => void;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const open = new Set<Socket>();
  const streaming = new Set<Socket>();
  const server = createServer((browser) => {
    const gateway = connect(Number(port), hostname);
    open.add(browser);
    browser.on("data", (bytes) => {
      streaming.delete(browser);
      gateway.write(bytes);
    });
    gateway.on("data", (bytes) => {
      if (bytes.includes("content-type: text/event-stream")) {
        streaming.add(browser);
      }
      browser.write(bytes);
    });
    for (const [one, other] of [[browser, gateway], [gateway, browser]] as const) {
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        open.delete(browser);
        streaming.delete(browser);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      const count = streaming.size;
      streaming.forEach((socket) => socket.destroy());
      return count;
    },
    stop() {
      open.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
