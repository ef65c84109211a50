// Which addresses of an answer may be followed, and what is said of them.

/** The address, where it is one that a reader may open; models also write `javascript:` and the like. */
export function safeHref(href: string): URL | undefined {
  // Control and bidirectional characters make an address look like another one.
  if (/[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/.test(href)) {
    return undefined;
  }
  try {
    const url = new URL(href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The true host, where the link's words look like another one. */
export function trueHost(url: URL, words: string): string | undefined {
  const claimed = /(?:https?:\/\/)?((?:[\w-]+\.)+[a-z]{2,})/i.exec(words)?.[1]?.toLowerCase();
  return claimed && url.host && claimed.replace(/^www\./, "") !== url.host.replace(/^www\./, "") ? url.host : undefined;
}
