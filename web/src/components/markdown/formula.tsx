"use client";

import { useEffect, useRef, useState } from "react";

/** A formula; its source until the typesetter is there. */
export function Formula({ text, display }: { text: string; display: boolean }) {
  const box = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let live = true;
    void import("./katex").then(({ default: katex }) => {
      if (live && box.current) {
        // Into the element: the policy refuses the style attributes of a string.
        try {
          katex.render(text, box.current, {
            displayMode: display,
            trust: false,
            maxSize: 20,
            maxExpand: 200,
            strict: "ignore",
          });
          setDrawn(true);
        } catch {
          // Half a formula, or none: its source is shown. KaTeX's own way to show it needs a style attribute.
          box.current.replaceChildren();
          setDrawn(false);
        }
      }
    });
    return () => {
      live = false;
    };
  }, [text, display]);
  return (
    <span className={display ? "block overflow-x-auto py-1 text-center" : undefined} tabIndex={display ? 0 : undefined}>
      {!drawn && <code className="font-mono text-code">{text}</code>}
      <span ref={box} />
    </span>
  );
}
