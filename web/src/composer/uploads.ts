// Files that wait beside the text: each goes to the client as soon as it is chosen, so that sending is at once.
import { useCallback, useEffect, useRef, useState } from "react";
import type { App } from "../state/app";
import { describe } from "../transport/transport";

/** As many as a message carries (docs/cli.md). */
export const kMaxFiles = 10;

export interface Pending {
  key: number;
  file: File;
  part: number;
  upload?: string;
  failure?: string;
  /** For pictures: an address of the user's own octets. */
  url?: string;
}

export function useUploads(app: App): {
  pending: readonly Pending[];
  add: (files: readonly File[]) => boolean;
  remove: (key: number) => void;
  clear: () => void;
} {
  const [pending, setPending] = useState<readonly Pending[]>([]);
  const next = useRef(1);
  const running = useRef(new Map<number, AbortController>());
  const now = useRef(pending);
  now.current = pending;

  const change = useCallback((key: number, part: Partial<Pending>) => {
    setPending((all) => all.map((each) => (each.key === key ? { ...each, ...part } : each)));
  }, []);

  const add = useCallback(
    (files: readonly File[]): boolean => {
      const room = kMaxFiles - now.current.length;
      const taken = files.slice(0, Math.max(0, room));
      const made = taken.map((file): Pending => {
        const key = next.current++;
        const picture = /^image\/(png|jpeg|webp|gif)$/.test(file.type);
        const stop = new AbortController();
        running.current.set(key, stop);
        app.transport
          .upload(file, (part) => change(key, { part }), stop.signal)
          .then(
            (done) => change(key, { part: 1, upload: done.upload }),
            (error: unknown) => {
              if (!stop.signal.aborted) change(key, { failure: describe(error) });
            },
          )
          .finally(() => running.current.delete(key));
        return { key, file, part: 0, ...(picture && { url: URL.createObjectURL(file) }) };
      });
      setPending((all) => [...all, ...made]);
      return taken.length === files.length;
    },
    [app, change],
  );

  const release = (each: Pending): void => {
    running.current.get(each.key)?.abort();
    if (each.url !== undefined) URL.revokeObjectURL(each.url);
  };
  const remove = useCallback((key: number) => {
    setPending((all) => {
      all.filter((each) => each.key === key).forEach(release);
      return all.filter((each) => each.key !== key);
    });
  }, []);
  const clear = useCallback(() => {
    setPending((all) => {
      all.forEach(release);
      return [];
    });
  }, []);
  useEffect(() => () => now.current.forEach(release), []);
  return { pending, add, remove, clear };
}
