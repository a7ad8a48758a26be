// How far a message got, in a word.
import type { Message } from "../api/types";
import type { Words } from "../i18n";

/** Undefined where there is nothing to say: of what others sent. */
export function stateName(state: Message["state"], t: Words["t"]): string | undefined {
  switch (state) {
    case "QUEUED":
      return t("state.queued");
    case "SENT":
      return t("state.sent");
    case "DELIVERED":
      return t("state.delivered");
    case "READ":
      return t("state.read");
    case "FAILED":
      return t("state.failed");
    default:
      return undefined;
  }
}
