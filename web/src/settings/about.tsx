import { useWords } from "../i18n";
import { useAppState } from "../state/context";
import { grouped } from "../text/format";
import { Section } from "../ui/controls";

export function About() {
  const { t } = useWords();
  const version = useAppState((state) => state.version);
  const status = useAppState((state) => state.status);
  return (
    <>
      <Section title="Sotto">
        <dl className="facts">
          <dt>{t("about.version")}</dt>
          <dd>{version}</dd>
          <dt>{t("server.address")}</dt>
          <dd>
            <bdi>{status?.server}</bdi>
          </dd>
          <dt>{t("about.server_key")}</dt>
          <dd className="mono">{grouped(status?.server_fingerprint ?? "", 4)}</dd>
          <dt>{t("about.account")}</dt>
          <dd className="mono">{grouped(status?.account ?? "", 4)}</dd>
          <dt>{t("about.device")}</dt>
          <dd className="mono">{grouped(status?.device ?? "", 4)}</dd>
        </dl>
      </Section>
      <Section title={t("about.limits_title")}>
        <ul className="promises">
          <li>{t("about.limit_device")}</li>
          <li>{t("about.limit_copy")}</li>
          <li>{t("about.limit_sms")}</li>
          <li>{t("about.limit_server")}</li>
        </ul>
      </Section>
      <Section title={t("about.licences")}>
        <p>{t("about.licences_words")}</p>
        <a href="/licences.txt" target="_blank" rel="noopener">
          {t("about.licences_read")}
        </a>
      </Section>
    </>
  );
}
