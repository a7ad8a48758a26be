// A group: its name, people and roles, who asks to come in, its link. Everybody's device checks the rules anew, so what
// is offered here is a convenience, not the protection.
import { useCallback, useEffect, useState } from "react";
import type { Group, GroupMember, GroupRequest } from "../api/types";
import { PeopleField } from "../conversations/people_field";
import { useWords } from "../i18n";
import { useApp, useAppState } from "../state/context";
import { go } from "../state/route";
import { personName } from "../text/format";
import { oneLine } from "../text/safe";
import { Avatar } from "../ui/avatar";
import { Banner, Button, Field, IconButton, Section, Spinner, Switch } from "../ui/controls";
import { Confirm } from "../ui/dialog";
import { Menu, type MenuItem } from "../ui/menu";
import { GroupPhoto } from "./group_photo";
import { GuestSection } from "./guests";

type Asked = { what: "remove"; member: GroupMember } | { what: "leave" };

export function GroupSection({ group: id }: { group: string }) {
  const app = useApp();
  const { t, n } = useWords();
  const status = useAppState((state) => state.status);
  const changes = useAppState((state) => state.groupsChanged);
  const [group, setGroup] = useState<Group | undefined>(undefined);
  const [requests, setRequests] = useState<readonly GroupRequest[]>([]);
  const [invite, setInvite] = useState("");
  const [name, setName] = useState("");
  const [adding, setAdding] = useState<string[] | undefined>(undefined);
  const [menu, setMenu] = useState<{ at: DOMRect; member: GroupMember } | undefined>(undefined);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);

  const take = useCallback((next: Group | undefined) => {
    if (next === undefined) return;
    setGroup(next);
    // Only the answer to the question for the link has it.
    if ((next.invite ?? "") !== "") setInvite(next.invite ?? "");
    else if (next.link !== true) setInvite("");
    setName(next.name ?? "");
    app.takeGroup(next);
  }, [app]);
  useEffect(() => {
    app.call("groups.get", { group: id }).then(take, () => undefined);
  }, [app, id, changes, take]);

  const own = group?.members?.find((each) => each.account === status?.account);
  const admin = own?.role === "ADMIN" || own?.role === "OWNER";
  useEffect(() => {
    if (!admin) return;
    app.call("groups.requests", { group: id }).then(
      (list) => setRequests(list.requests ?? []),
      () => undefined,
    );
  }, [app, id, admin, changes]);

  if (group === undefined) return <Spinner label={t("conversation.opening")} />;
  const members = group.members ?? [];
  const role = (each: GroupMember): string => t(each.role === "OWNER" ? "role.owner" : each.role === "ADMIN" ? "role.admin" : "role.member");
  const memberItems = (member: GroupMember): (MenuItem | "line")[] => {
    const person = member.name || member.account || "";
    const items: (MenuItem | "line")[] = [{ label: t("group.write"), icon: "compose", onSelect: () => go({ page: "conversation", conversation: person }) }];
    if (own?.role === "OWNER") {
      for (const each of ["MEMBER", "ADMIN", "OWNER"] as const) {
        items.push({
          label: t(`role.make_${each.toLowerCase() as "member" | "admin" | "owner"}`),
          checked: member.role === each,
          onSelect: () => void app.attempt("groups.set_role", { group: id, person, role: each }).then(take),
        });
      }
    }
    if (admin) items.push("line", { label: t("group.remove"), icon: "close", danger: true, onSelect: () => setAsked({ what: "remove", member }) });
    return items;
  };

  return (
    <>
      {group.member !== true && <Banner tone="warn">{t("group.left")}</Banner>}
      {requests.length > 0 && (
        <Section title={t("group.requests")}>
          <ul className="members">
            {requests.map((each) => (
              <li key={each.account}>
                <bdi>{personName(each.name || each.account)}</bdi>
                <span className="buttons">
                  {[true, false].map((approve) => (
                    <Button
                      key={String(approve)}
                      className="small"
                      tone={approve ? "main" : "plain"}
                      onClick={() =>
                        void app.attempt("groups.decide", { group: id, person: each.account ?? "", approve }).then((next) => {
                          take(next);
                          if (next !== undefined) setRequests(requests.filter((other) => other !== each));
                        })
                      }
                    >
                      {t(approve ? "group.approve" : "group.refuse")}
                    </Button>
                  ))}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title={n("group.members", members.length)}>
        <ul className="members">
          {members.slice(0, 1000).map((each) => (
            <li key={each.account}>
              <Avatar name={personName(each.name || each.account)} id={each.account ?? ""} size="small" />
              <span className="member-words">
                <bdi>{personName(each.name || each.account)}</bdi>
                <span className="hint">{each.account === status?.account ? `${t("you")} · ${role(each)}` : role(each)}</span>
              </span>
              {each.account !== status?.account && (
                <IconButton icon="more" label={t("group.member_actions", { name: oneLine(each.name) })} aria-haspopup="menu" onClick={(event) => setMenu({ at: event.currentTarget.getBoundingClientRect(), member: each })} />
              )}
            </li>
          ))}
        </ul>
        {admin && group.member === true && adding === undefined && (
          <Button icon="plus" onClick={() => setAdding([])}>
            {t("group.add")}
          </Button>
        )}
        {adding !== undefined && (
          <>
            <PeopleField value={adding} onChange={setAdding} except={members.map((each) => each.name ?? "")} />
            <div className="buttons">
              <Button onClick={() => setAdding(undefined)}>{t("cancel")}</Button>
              <Button
                tone="main"
                disabled={adding.length === 0}
                onClick={async () => {
                  const next = await app.attempt("groups.add", { group: id, people: adding });
                  take(next);
                  if (next !== undefined) setAdding(undefined);
                }}
              >
                {t("group.add")}
              </Button>
            </div>
          </>
        )}
      </Section>
      <GuestSection group={group} admin={admin} account={status?.account} onChange={take} />
      {admin && group.member === true && (
        <Section title={t("group.manage")}>
          <form
            className="inline-form"
            onSubmit={(event) => {
              event.preventDefault();
              void app.attempt("groups.rename", { group: id, name: name.trim() }).then(take);
            }}
          >
            <Field label={t("group.name")} name="group-name" value={name} onChange={(event) => setName(event.target.value)} />
            {name !== (group.name ?? "") && name.trim() !== "" && <Button type="submit">{t("save")}</Button>}
          </form>
          <GroupPhoto group={group} onChange={take} />
          <Switch
            label={t("group.guests")}
            hint={t("group.guests_hint")}
            checked={group.guests_allowed === true}
            onChange={(guests_allowed) => void app.attempt("groups.change_settings", { group: id, guests_allowed }).then(take)}
          />
          <p className="hint">{t("group.link_words")}</p>
          <div className="buttons">
            <Button icon="link" onClick={() => void app.attempt("groups.link", { group: id }).then(take)}>
              {t("group.link")}
            </Button>
            {group.link === true && <Button onClick={() => void app.attempt("groups.link", { group: id, withdraw: true }).then(take)}>{t("group.link_withdraw")}</Button>}
          </div>
          {invite !== "" && (
            <div className="invite">
              <code tabIndex={0} data-testid="group-link">{invite}</code>
              <IconButton icon="copy" label={t("link.copy")} onClick={() => void navigator.clipboard.writeText(invite).then(() => app.toast(t("copied")))} />
            </div>
          )}
        </Section>
      )}
      {group.member === true && (
        <Button tone="danger" onClick={() => setAsked({ what: "leave" })}>
          {t("group.leave")}
        </Button>
      )}
      {menu !== undefined && <Menu anchor={menu.at} label={t("group.member_actions", { name: oneLine(menu.member.name) })} items={memberItems(menu.member)} onClose={() => setMenu(undefined)} />}
      {asked?.what === "remove" && (
        <Confirm
          title={t("group.remove_title", { name: personName(asked.member.name || asked.member.account) })}
          action={t("group.remove")}
          danger
          onClose={() => setAsked(undefined)}
          onConfirm={async () => take(await app.attempt("groups.remove", { group: id, people: [asked.member.name || asked.member.account || ""] }))}
        >
          <p>{t("group.remove_words")}</p>
        </Confirm>
      )}
      {asked?.what === "leave" && (
        <Confirm title={t("group.leave")} action={t("group.leave")} danger onClose={() => setAsked(undefined)} onConfirm={async () => take(await app.attempt("groups.leave", { group: id }))}>
          <p>{t("group.leave_words")}</p>
        </Confirm>
      )}
    </>
  );
}
