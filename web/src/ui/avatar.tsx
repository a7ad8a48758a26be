// A round sign for a person or group: initials on one of twelve colours. No picture is ever fetched for it.
import { hue, initials } from "../text/format";
import { Icon } from "./icons";

export function Avatar({
  name,
  id,
  kind = "person",
  size = "normal",
}: {
  name: string;
  id: string;
  kind?: "person" | "group" | "notes" | "sms";
  size?: "small" | "normal" | "large";
}) {
  return (
    <span className={`avatar ${size} hue-${hue(id)} ${kind}`} aria-hidden="true">
      {kind === "notes" ? <Icon name="edit" /> : kind === "group" ? <Icon name="group" /> : kind === "sms" ? <Icon name="sms" /> : initials(name) || <Icon name="user" />}
    </span>
  );
}
