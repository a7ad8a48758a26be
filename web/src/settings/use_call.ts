import { useCallback, useEffect, useState } from "react";
import type { Methods } from "../api/types";
import { useApp } from "../state/context";
import { describe } from "../transport/transport";

/** The answer to a question that needs no or always the same parameters; asked again when `again` changes. */
export function useCall<M extends keyof Methods>(method: M, again: unknown = 0, params = {} as Methods[M][0]): [Methods[M][1] | undefined, (value: Methods[M][1]) => void, string | undefined] {
  const app = useApp();
  const [value, setValue] = useState<Methods[M][1] | undefined>(undefined);
  const [failure, setFailure] = useState<string | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    app.call(method, params).then(
      (answer) => !gone && setValue(answer),
      (error: unknown) => !gone && setFailure(describe(error)),
    );
    return () => {
      gone = true;
    };
  }, [app, method, again]);
  return [value, useCallback((next) => setValue(next), []), failure];
}
