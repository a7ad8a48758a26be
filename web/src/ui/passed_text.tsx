// Texts that people hand to each other outside of Sotto: copied or saved here, pasted or read from files there.
import { type ChangeEvent, useState } from "react";
import { useWords } from "../i18n";
import { saveAs } from "../state/files";
import { Button, TextArea } from "./controls";
import { useCopy } from "./copy";

/** Longer files hold something else. */
const kMaxOctets = 64 * 1024;

export function TextToPass({ text, label, file }: { text: string; label: string; file: string }) {
  const { t } = useWords();
  const copy = useCopy();
  return (
    <>
      <TextArea label={label} className="mono passed" rows={4} readOnly value={text} />
      <div className="buttons">
        <Button icon="copy" onClick={() => copy(text)}>
          {t("copy")}
        </Button>
        <Button icon="download" onClick={() => saveAs(new Blob([text], { type: "text/plain" }), file)}>
          {t("save_file")}
        </Button>
      </div>
    </>
  );
}

/** What is read from files is added to what is there already. */
export function PassedText({ label, hint, value, multiple = false, error, onChange }: { label: string; hint?: string; value: string; multiple?: boolean; error?: string | undefined; onChange: (text: string) => void }) {
  const { t } = useWords();
  const [wrong, setWrong] = useState<string | undefined>(undefined);
  const read = async (event: ChangeEvent<HTMLInputElement>): Promise<void> => {
    const files = [...(event.target.files ?? [])];
    event.target.value = "";
    setWrong(undefined);
    if (files.some((each) => each.size > kMaxOctets)) return setWrong(t("passed.too_large"));
    const texts = await Promise.all(files.map((each) => each.text()));
    onChange([...(multiple && value.trim() !== "" ? [value.trimEnd()] : []), ...texts].join("\n"));
  };
  return (
    <>
      <TextArea label={label} hint={hint} className="mono passed" rows={4} spellCheck={false} value={value} error={error ?? wrong} onChange={(event) => onChange(event.target.value)} />
      <label className="button plain file-button">
        {t("passed.from_file")}
        <input type="file" multiple={multiple} className="only-read" onChange={(event) => void read(event)} />
      </label>
    </>
  );
}
