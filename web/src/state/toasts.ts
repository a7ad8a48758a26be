// Short words at the edge of the screen: what was done, or why it was not. Bad news stays until somebody closes it.
export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "good" | "bad";
}

const kMaxToasts = 4;
const kShownMs = 5000;

export interface ToastList {
  add(text: string, tone: Toast["tone"]): void;
  drop(id: number): void;
}

export function toastList(get: () => readonly Toast[], set: (toasts: readonly Toast[]) => void): ToastList {
  let next = 1;
  const drop = (id: number): void => set(get().filter((toast) => toast.id !== id));
  return {
    add(text, tone) {
      const id = next++;
      // The same words twice are one piece of news.
      const others = get().filter((toast) => toast.text !== text);
      set([...others, { id, text, tone }].slice(-kMaxToasts));
      if (tone !== "bad") window.setTimeout(() => drop(id), kShownMs);
    },
    drop,
  };
}
