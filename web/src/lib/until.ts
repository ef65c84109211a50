/** Looks now and whenever a store tells its listeners, until there is something to tell. */
export function until<T>(listeners: Set<() => void>, look: () => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const listen = () => {
      const found = look();
      if (found !== undefined) {
        listeners.delete(listen);
        resolve(found);
      }
    };
    listeners.add(listen);
    listen();
  });
}
