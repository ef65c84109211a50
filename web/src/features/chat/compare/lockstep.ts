import { useEffect, useRef, useState } from "react";

type Shift = (by: number) => void;

/** Columns that scroll together: what a hand scrolls one by, the others are scrolled by too. */
export function useLockstep(locked: boolean) {
  const lock = useRef(locked);
  useEffect(() => {
    lock.current = locked;
  }, [locked]);
  const [lockstep] = useState(() => {
    const columns = new Set<Shift>();
    return {
      join(shift: Shift) {
        columns.add(shift);
        return () => {
          columns.delete(shift);
        };
      },
      moved(mine: Shift, by: number) {
        if (lock.current && by !== 0) {
          columns.forEach((shift) => shift !== mine && shift(by));
        }
      },
    };
  });
  return lockstep;
}

export type Lockstep = ReturnType<typeof useLockstep>;
