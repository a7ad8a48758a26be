// What the user chose for this browser: language, theme, how Enter behaves. Everything else is the account's.
import { Store } from "./store";

export interface Preferences {
  language: "system" | "en" | "sv";
  theme: "system" | "light" | "dark";
  enterSends: boolean;
  markup: boolean;
}

const kKey = "sotto.preferences";
const kDefault: Preferences = { language: "system", theme: "system", enterSends: true, markup: true };

function read(): Preferences {
  try {
    return { ...kDefault, ...(JSON.parse(window.localStorage.getItem(kKey) ?? "{}") as Partial<Preferences>) };
  } catch {
    return kDefault;
  }
}

export const preferences = new Store<Preferences>(read());

export function prefer(part: Partial<Preferences>): void {
  preferences.patch(part);
  try {
    window.localStorage.setItem(kKey, JSON.stringify(preferences.get()));
  } catch {
    // a browser that keeps nothing: the choice holds until the page is closed
  }
  applyTheme();
}

export function applyTheme(): void {
  const { theme } = preferences.get();
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}
