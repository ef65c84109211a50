// Colours of code, found in a worker that is started with the first listing.

/** Pieces of a line with their class; undefined where it has none. */
export type Line = [text: string, colour: string | undefined][];

type Waiting = (lines: Line[] | null) => void;
let worker: Worker | null = null;
let next = 1;
const waiting = new Map<number, Waiting>();

/** The lines of a listing; null where its language is not known. */
export function highlight(code: string, language: string): Promise<Line[] | null> {
  worker ??= start();
  const id = next++;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker?.postMessage({ id, code, language });
  });
}

function start(): Worker {
  const started = new Worker(new URL("./highlight.worker.ts", import.meta.url), { type: "module" });
  started.onmessage = ({ data }: MessageEvent<{ id: number; lines: Line[] | null }>) => {
    waiting.get(data.id)?.(data.lines);
    waiting.delete(data.id);
  };
  return started;
}
