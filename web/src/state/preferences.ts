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

const kSystemIsDark = "(prefers-color-scheme: dark)";

/** The page wears the theme that was chosen, or the system's. */
export function applyTheme(): void {
  const { theme } = preferences.get();
  const system = window.matchMedia(kSystemIsDark).matches ? "dark" : "light";
  document.documentElement.setAttribute("data-theme", theme === "system" ? system : theme);
}

/** For as long as the page is there: the system may change its mind. */
export function keepTheme(): void {
  applyTheme();
  window.matchMedia(kSystemIsDark).addEventListener("change", applyTheme);
}
