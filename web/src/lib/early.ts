// What was pressed before the scripts came is not lost: public/boot.js keeps it for who is signed in, until a page can do it.

declare global {
  var early: Event[] | undefined;
  var keepEarly: ((event: Event) => void) | undefined;
}

/** Does once what was kept: clicks by their buttons, keys by `press`. */
export function doEarly(press: (event: KeyboardEvent) => void): void {
  const { early = [], keepEarly } = globalThis;
  globalThis.early = [];
  if (keepEarly) {
    removeEventListener("keydown", keepEarly);
    removeEventListener("click", keepEarly);
  }
  for (const event of early) {
    if (event instanceof KeyboardEvent) {
      press(event);
    } else if (event.target instanceof Element) {
      event.target.closest("button")?.click();
    }
  }
}
