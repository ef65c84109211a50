import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

/** A reader within this distance of the end is taken to follow it. */
const NEAR_PX = 48;

/**
 * Follows the end for a reader who is there. An upward wheel, swipe or key, a hand on the scrollbar or a selection ends
 * that at once; coming back to the end begins it again.
 */
export function usePin(box: RefObject<HTMLDivElement | null>, session: string, ready: boolean) {
  const [pinned, setPinned] = useState(true);
  const following = useRef(true);
  const before = useRef(0);
  const inner = useRef<HTMLDivElement>(null);
  const [follow] = useState(() => (value: boolean) => {
    const { scrollTop = 0, scrollHeight = 0, clientHeight = 0 } = box.current ?? {};
    // Who followed stood at the end, even where the browser has scrolled before it told so.
    before.current = following.current ? scrollHeight - clientHeight : scrollTop;
    following.current = value;
    setPinned(value);
  });
  const [pin] = useState(() => () => {
    follow(true);
    box.current?.scrollTo({ top: box.current.scrollHeight });
  });
  const [leave] = useState(() => () => follow(false));
  /** Scrolls it for a reader whose hand is elsewhere; what comes of that is no hand's doing. */
  const [shift] = useState(() => (by: number) => {
    const scroller = box.current;
    if (scroller && scroller.scrollHeight > scroller.clientHeight) {
      follow(false);
      scroller.scrollBy({ top: by });
      before.current = scroller.scrollTop;
    }
  });
  useLayoutEffect(pin, [session, pin]);
  useEffect(() => {
    const scroller = box.current;
    if (!scroller || !inner.current) {
      return;
    }
    let touch = 0;
    const away = (turned: boolean) => turned && following.current && scroller.scrollHeight > scroller.clientHeight && follow(false);
    const selected = () => {
      const selection = getSelection();
      away(selection !== null && !selection.isCollapsed && scroller.contains(selection.anchorNode));
    };
    const listening = new AbortController();
    const options = { passive: true, signal: listening.signal };
    scroller.addEventListener("wheel", ({ deltaY }) => away(deltaY < 0), options);
    scroller.addEventListener("keydown", ({ key }) => away(["PageUp", "Home", "ArrowUp"].includes(key)), options);
    scroller.addEventListener("touchstart", ({ touches }) => (touch = touches[0]?.clientY ?? 0), options);
    scroller.addEventListener("touchmove", ({ touches }) => away((touches[0]?.clientY ?? 0) > touch), options);
    scroller.addEventListener("pointerdown", ({ target, offsetX }) => away(target === scroller && offsetX >= scroller.clientWidth), options);
    document.addEventListener("selectionchange", selected, options);
    const grown = new ResizeObserver(() => {
      if (following.current) {
        scroller.scrollTop = scroller.scrollHeight;
      }
    });
    grown.observe(inner.current);
    grown.observe(scroller);
    return () => {
      grown.disconnect();
      listening.abort();
    };
  }, [box, follow, ready]);
  /** How far a hand has moved it. */
  function onScroll(): number {
    const scroller = box.current;
    // Looking where it stands would have the page laid out once more in each frame that follows.
    if (!scroller || following.current) {
      return 0;
    }
    const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_PX;
    const by = scroller.scrollTop - before.current;
    before.current = scroller.scrollTop;
    if (near && by > 0) {
      follow(true);
    }
    return by;
  }
  return { pinned, pin, leave, shift, inner, onScroll };
}
