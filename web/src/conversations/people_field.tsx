import { useMemo, useState } from "react";
import { useWords } from "../i18n";
import { useAppState } from "../state/context";
import { contactName } from "../text/format";
import { Field, IconButton } from "../ui/controls";

/** People by name, one after another; those one writes with are suggested. */
export function PeopleField({ value, onChange, except = [] }: { value: string[]; onChange: (people: string[]) => void; except?: readonly string[] }) {
  const { t } = useWords();
  const conversations = useAppState((state) => state.conversations);
  const [typed, setTyped] = useState("");
  const known = useMemo(() => {
    const names: { id: string; name: string }[] = [];
    for (const each of conversations.values()) {
      const id = each.contact?.handle || each.contact?.account;
      if ((each.kind ?? "DIRECT") === "DIRECT" && id !== undefined) names.push({ id, name: each.settings?.name || contactName(each.contact) });
    }
    return names;
  }, [conversations]);
  const add = (name: string): void => {
    const one = name.trim().toLowerCase();
    if (one !== "" && !value.includes(one)) onChange([...value, one]);
    setTyped("");
  };
  const suggested = known
    .filter(({ id, name }) => !value.includes(id) && !except.includes(id) && (typed === "" || `${name} ${id}`.toLowerCase().includes(typed.toLowerCase())))
    .slice(0, 6);
  return (
    <div className="people-field">
      <Field
        label={t("people.label")}
        name="people"
        value={typed}
        autoCapitalize="none"
        hint={t("people.hint")}
        onChange={(event) => (/[,\s]$/.test(event.target.value) ? add(event.target.value.slice(0, -1)) : setTyped(event.target.value))}
        onBlur={() => add(typed)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && typed.trim() !== "") {
            event.preventDefault();
            add(typed);
          } else if (event.key === "Backspace" && typed === "") onChange(value.slice(0, -1));
        }}
      />
      {value.length > 0 && (
        <ul className="chips">
          {value.map((each) => (
            <li key={each} className="chip">
              <bdi>{each}</bdi>
              <IconButton icon="close" size={14} label={t("people.remove", { name: each })} onClick={() => onChange(value.filter((other) => other !== each))} />
            </li>
          ))}
        </ul>
      )}
      {suggested.length > 0 && (
        <ul className="chips suggested" aria-label={t("people.suggested")}>
          {suggested.map(({ id, name }) => (
            <li key={id}>
              <button type="button" className="chip" onPointerDown={(event) => event.preventDefault()} onClick={() => add(id)}>
                + <bdi>{name}</bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
