// The agent's token, which comes in the address once (`#token=...`) and must not stay there: whoever sees the address
// bar, the history or a picture of the screen would have it. Kept for this tab only.
const kKey = "sotto.token";

export function tokenIn(text: string): string | undefined {
  return /(?:^|[#&?])token=([0-9a-f]{64})(?:$|&)/.exec(text.trim())?.[1];
}

export function takeToken(): string | undefined {
  const given = tokenIn(window.location.hash);
  if (given !== undefined) {
    window.sessionStorage.setItem(kKey, given);
    window.history.replaceState(null, "", window.location.pathname);
    return given;
  }
  return window.sessionStorage.getItem(kKey) ?? undefined;
}

export function keepToken(token: string): void {
  window.sessionStorage.setItem(kKey, token);
}

export function dropToken(): void {
  window.sessionStorage.removeItem(kKey);
}
