import { createContext, useContext } from "react";
import type { App, AppState } from "./app";
import { useStore } from "./store";

const Context = createContext<App | undefined>(undefined);

export const AppProvider = Context.Provider;

export function useApp(): App {
  const app = useContext(Context);
  if (app === undefined) throw new Error("no AppProvider above");
  return app;
}

export function useAppState<P>(pick: (state: AppState) => P): P {
  return useStore(useApp().state, pick);
}
