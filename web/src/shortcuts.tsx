import { type Key, useWords } from "./i18n";
import { Dialog } from "./ui/dialog";

const kShortcuts: readonly [keys: string[], what: Key][] = [
  [["Ctrl", "K"], "keys.search"],
  [["Alt", "↑ ↓"], "keys.step"],
  [["Alt", "N"], "keys.new"],
  [["Alt", "I"], "keys.details"],
  [["Alt", ","], "keys.settings"],
  [["Enter"], "keys.send"],
  [["Shift", "Enter"], "keys.line"],
  [["↑"], "keys.edit_last"],
  [["Esc"], "keys.escape"],
  [["Shift", "Tab"], "keys.to_messages"],
  [["↑ ↓"], "keys.walk"],
  [["R"], "keys.reply"],
  [["E"], "keys.edit"],
  [["F"], "keys.forward"],
  [["Space"], "keys.play"],
  [["+"], "keys.react"],
  [["Enter"], "keys.menu"],
  [["?"], "keys.help"],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      <dl className="shortcuts">
        {kShortcuts.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
