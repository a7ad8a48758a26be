// A round sign for a person or group: a picture that somebody made sure of, else initials on one of twelve colours.
import { hue, initials } from "../text/format";
import { Icon } from "./icons";

export type AvatarKind = "person" | "group" | "notes" | "sms";
export type AvatarSize = "small" | "normal" | "large";

export function Avatar({
  name,
  id,
  kind = "person",
  size = "normal",
  photo,
}: {
  name: string;
  id: string;
  kind?: AvatarKind;
  size?: AvatarSize;
  /** An address of this page's own making. */
  photo?: string | undefined;
}) {
  if (photo !== undefined) return <img className={`avatar ${size} photo`} src={photo} alt="" />;
  return (
    <span className={`avatar ${size} hue-${hue(id)} ${kind}`} aria-hidden="true">
      {kind === "notes" ? <Icon name="edit" /> : kind === "group" ? <Icon name="group" /> : kind === "sms" ? <Icon name="sms" /> : initials(name) || <Icon name="user" />}
    </span>
  );
}
