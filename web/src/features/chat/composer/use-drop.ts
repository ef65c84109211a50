import { useEffect, useRef } from "react";

/** Files may be dropped anywhere on the page. */
export function useDrop(add: (files: Iterable<File>) => Promise<void>): void {
  const latest = useRef(add);
  useEffect(() => {
    latest.current = add;
  });
  useEffect(() => {
    const over = (event: DragEvent) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (event.dataTransfer?.files.length) {
        event.preventDefault();
        void latest.current(event.dataTransfer.files);
      }
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
}
