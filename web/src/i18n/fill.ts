import { isolated } from "../text/safe";

export type Values = Record<string, string | number>;

/** Puts values into a sentence; words are isolated, so that a name cannot turn the sentence around it. */
export function fill(pattern: string, values: Values | undefined): string {
  if (values === undefined) return pattern;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" || /^[\p{N}\p{Zs}.,]*$/u.test(value) ? String(value) : isolated(value);
  });
}
