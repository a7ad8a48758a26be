// Words in the user's language. Each catalogue has every key (the compiler and a test see to it).
import { useStore } from "../state/store";
import { preferences } from "../state/preferences";
import { en } from "./en";
import { fill, type Values } from "./fill";
import { sv } from "./sv";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
/** Keys that have the forms `.one` and `.other`. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

const catalogues: Record<"en" | "sv", Catalogue> = { en, sv };

export interface Words {
  locale: string;
  t: (key: Key, values?: Values) => string;
  /** `key.one` or `key.other`, with {count}. */
  n: (key: CountKey, count: number, values?: Values) => string;
}

function make(language: "en" | "sv", locale: string): Words {
  const catalogue = catalogues[language];
  const numbers = new Intl.NumberFormat(locale);
  return {
    locale,
    t: (key, values) => fill(catalogue[key], values),
    n: (key, count, values) =>
      fill(catalogue[`${key}.${count === 1 ? "one" : "other"}` as Key], { ...values, count: numbers.format(count) }),
  };
}

export function languageOf(chosen: "system" | "en" | "sv", wanted: readonly string[]): "en" | "sv" {
  if (chosen !== "system") return chosen;
  for (const each of wanted) {
    const base = each.toLowerCase().split("-")[0];
    if (base === "sv" || base === "en") return base;
  }
  return "en";
}

const made = new Map<string, Words>();

export function wordsOf(chosen: "system" | "en" | "sv"): Words {
  const language = languageOf(chosen, navigator.languages);
  let words = made.get(language);
  if (words === undefined) {
    // The browser's own locale where it fits the language: it knows how its user writes the time.
    const locale = navigator.languages.find((each) => each.toLowerCase().startsWith(language)) ?? language;
    words = make(language, locale === "en" ? "en-GB" : locale);
    made.set(language, words);
  }
  return words;
}

export function useWords(): Words {
  return wordsOf(useStore(preferences, (each) => each.language));
}
