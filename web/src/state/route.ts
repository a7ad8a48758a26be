// Where the user is, in the address's fragment, so that the browser's back button and bookmarks work:
//   #/            the list          #/c/bob          a conversation        #/c/bob/details
//   #/settings/devices              #/search?q=words
import { useSyncExternalStore } from "react";

export interface Route {
  page: "list" | "conversation" | "settings" | "search" | "requests" | "scheduled";
  conversation?: string;
  details?: boolean;
  section?: string;
  message?: string;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  if (parts[0] === "c" && parts[1] !== undefined && parts[1] !== "") {
    const message = new URLSearchParams(query).get("m");
    return {
      page: "conversation",
      conversation: parts[1],
      ...(parts[2] === "details" && { details: true }),
      ...(message !== null && { message }),
    };
  }
  if (parts[0] === "settings") return { page: "settings", section: parts[1] || "profile" };
  if (parts[0] === "search") return { page: "search" };
  if (parts[0] === "requests") return { page: "requests" };
  if (parts[0] === "scheduled") return { page: "scheduled" };
  return { page: "list" };
}

export function routeText(route: Route): string {
  switch (route.page) {
    case "conversation": {
      const details = route.details === true ? "/details" : "";
      const message = route.message !== undefined ? `?m=${encodeURIComponent(route.message)}` : "";
      return `#/c/${encodeURIComponent(route.conversation ?? "")}${details}${message}`;
    }
    case "settings":
      return `#/settings/${encodeURIComponent(route.section ?? "profile")}`;
    case "list":
      return "#/";
    default:
      return `#/${route.page}`;
  }
}

export function go(route: Route, replace = false): void {
  const text = routeText(route);
  if (replace) {
    window.history.replaceState(null, "", text);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else if (window.location.hash !== text) {
    window.location.hash = text;
  }
}

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  return parseRoute(hash);
}
