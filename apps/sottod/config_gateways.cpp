// The half of the configuration that says how people outside are reached: by mail and by text messages.
#include <algorithm>

#include "config_settings.h"
#include "gateway/sms_limits.h"
#include "identity/handle.h"

namespace sotto::sottod {
namespace {

bool is_mail_url(std::string_view url) {
  for (const std::string_view scheme : {"smtp://", "smtps://"}) {
    if (url.starts_with(scheme) && url.size() > scheme.size()) return true;
  }
  return false;
}

/// Where codes for e-mail addresses go. The mail server exists once its URL is given.
void add_mail(Settings& s, gateway::MailServer& mail, Config& config) {
  const auto any = [&s](const std::string& key, auto& target, const std::string& expected) {
    s[key] = text(
        [&target](const std::string& v) {
          target = v;
          return !v.empty();
        },
        expected);
  };
  s["mail.server"] = text(
      [&mail](const std::string& v) {
        mail.url = v;
        return is_mail_url(v);
      },
      "\"smtp://host:port\" or \"smtps://host:port\"");
  s["mail.from"] = text(
      [&mail](const std::string& v) {
        mail.from = v;
        return identity::Handle::email(v).has_value();
      },
      "an e-mail address");
  any("mail.user", mail.user, "a user name of the mail server");
  any("mail.password_file", config.mail_password_file, "the path of a file whose first line is the password");
  any("mail.ca_file", mail.ca_file, "the path of a PEM file");
  s["mail.require_tls"] = [&mail](const toml::node& node, const Place& place) -> std::optional<ConfigError> {
    const auto value = node.value_exact<bool>();
    if (!value) return wrong(place, "expected true or false");
    mail.require_tls = *value;
    return std::nullopt;
  };
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A number of the server: E.164, or a short code.
bool take_number(const std::string& text, std::vector<std::string>& numbers) {
  const bool short_code = text.size() >= 3 && text.size() <= 8 && is_digits(text);
  const auto phone = identity::Handle::phone(text);
  if ((!short_code && !phone) || numbers.size() == gateway::kMaxNumbers) return false;
  numbers.push_back(short_code ? text : phone->text());
  return true;
}

bool take_prefix(const std::string& text, std::vector<std::string>& prefixes) {
  prefixes.push_back(text);
  return text.size() >= 2 && text.starts_with('+') && is_digits(std::string_view(text).substr(1));
}

bool is_web_url(std::string_view url) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.starts_with(scheme) && url.size() > scheme.size()) return true;
  }
  return false;
}

/// Kannel has to be able to call the address as it stands here.
bool take_callbacks(const std::string& text, transport::TcpEndpoint& out) {
  const auto endpoint = parse_endpoint(text);
  if (!endpoint || !std::holds_alternative<transport::TcpEndpoint>(*endpoint)) return false;
  out = std::get<transport::TcpEndpoint>(*endpoint);
  return out.host != "0.0.0.0" && out.host != "::";
}

bool take_senders(const std::string& text, gateway::SmsSenders& out) {
  if (text == "nobody")
    out = gateway::SmsSenders::nobody;
  else if (text == "proven")
    out = gateway::SmsSenders::proven;
  else if (text == "everybody")
    out = gateway::SmsSenders::everybody;
  else
    return false;
  return true;
}

template <typename Target>
Setting not_empty(Target& target, std::string expected) {
  return text(
      [&target](const std::string& v) {
        target = v;
        return !v.empty();
      },
      std::move(expected));
}

void add_kannel(Settings& s, SmsConfig& sms) {
  s["text_messages.kannel"] = text(
      [&sms](const std::string& v) {
        sms.url = v;
        return is_web_url(v);
      },
      "the address of Kannel's sendsms, \"http://host:port/cgi-bin/sendsms\"");
  s["text_messages.kannel_user"] = not_empty(sms.user, "the name of a sendsms-user of Kannel");
  s["text_messages.kannel_password_file"] =
      not_empty(sms.password_file, "the path of a file whose first line is the password");
  s["text_messages.callbacks"] =
      text([&sms](const std::string& v) { return take_callbacks(v, sms.callbacks); },
           "\"address:port\" that Kannel can call, so not 0.0.0.0");
  s["text_messages.callback_secret_file"] =
      not_empty(sms.secret_file, "the path of a file whose first line is the secret");
  s["text_messages.callback_sources"] = [&sms](const toml::node& node, const Place& place) {
    sms.sources.clear();
    return texts(
        [&sms](const std::string& v) {
          sms.sources.push_back(v);
          return !v.empty();
        },
        "a list of addresses")(node, place);
  };
}

void add_sms_rules(Settings& s, gateway::SmsRules& rules) {
  s["text_messages.numbers"] =
      texts([&rules](const std::string& v) { return take_number(v, rules.numbers); },
            "a list of telephone numbers with + and country code, or short codes, at most 64");
  s["text_messages.senders"] = text([&rules](const std::string& v) { return take_senders(v, rules.senders); },
                                    "\"nobody\", \"proven\" or \"everybody\"");
  s["text_messages.prefixes"] =
      texts([&rules](const std::string& v) { return take_prefix(v, rules.prefixes); },
            "a list of beginnings of numbers, \"+46\"");
  const auto count = [&s](const std::string& key, std::uint32_t& target, std::int64_t most) {
    s["text_messages." + key] =
        number(1, most, [&target](std::uint64_t v) { target = static_cast<std::uint32_t>(v); });
  };
  // Texts are remembered for three days, and 65,536 of them at once.
  count("parts_per_day", rules.budgets.parts_per_day, 20'000);
  count("parts_per_account_per_day", rules.budgets.account_parts_per_day, 20'000);
  count("texts_per_account_per_hour", rules.budgets.account_texts_per_hour, 20'000);
  count("new_recipients_per_account_per_day", rules.budgets.account_recipients_per_day, 20'000);
}

}  // namespace

void add_gateways(Settings& settings, gateway::MailServer& mail, SmsConfig& sms, Config& config) {
  add_mail(settings, mail, config);
  settings["text_messages.spool"] = not_empty(config.text_message_spool, "the path of a folder");
  add_kannel(settings, sms);
  add_sms_rules(settings, sms.rules);
}

std::optional<ConfigError> take_gateways(gateway::MailServer mail, SmsConfig sms, Config& config,
                                         const std::string& source) {
  if (mail.url.empty() != mail.from.empty()) {
    return ConfigError{source + ": mail.server and mail.from must be given together"};
  }
  if (mail.user.empty() != config.mail_password_file.empty()) {
    return ConfigError{source + ": mail.user and mail.password_file must be given together"};
  }
  if (!mail.url.empty()) config.mail = std::move(mail);
  if (sms.url.empty()) return std::nullopt;
  const std::pair<std::string_view, bool> needed[] = {
      {"kannel_user", sms.user.empty()},
      {"kannel_password_file", sms.password_file.empty()},
      {"callback_secret_file", sms.secret_file.empty()},
      {"numbers", sms.rules.numbers.empty()},
  };
  for (const auto& [key, missing] : needed) {
    if (!missing) continue;
    return ConfigError{
        fmt::format("{}: text_messages.kannel needs text_messages.{} beside it; "
                    "docs/operations.md says what it is",
                    source, key)};
  }
  config.sms = std::move(sms);
  return std::nullopt;
}

}  // namespace sotto::sottod
