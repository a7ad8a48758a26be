import { useState } from "react";
import { useWords } from "../i18n";
import { keepToken, tokenIn } from "../transport/token";
import { Button, Field } from "../ui/controls";
import { SetupFrame } from "./frame";

/** The page was opened without the agent's token. */
export function Unpaired() {
  const { t } = useWords();
  const [text, setText] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  return (
    <SetupFrame title={t("unpaired.title")} lead={t("unpaired.lead")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const token = tokenIn(text) ?? tokenIn(`token=${text}`);
          if (token === undefined) {
            setError(t("unpaired.wrong"));
            return;
          }
          keepToken(token);
          window.location.reload();
        }}
      >
        <Field label={t("unpaired.address")} value={text} autoFocus placeholder="http://127.0.0.1:7480/#token=…" error={error} onChange={(event) => setText(event.target.value)} />
        <Button type="submit" tone="main" disabled={text.trim() === ""}>
          {t("unpaired.open")}
        </Button>
      </form>
    </SetupFrame>
  );
}
