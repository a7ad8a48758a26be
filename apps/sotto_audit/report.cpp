#include "report.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "publication.h"

namespace sotto::audit_cli {
namespace {

using Json = nlohmann::ordered_json;

/// A server's words must not move the cursor or change colours.
std::string harmless(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if ((octet < 0x20 && octet != '\n') || octet >= 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out += c;
    }
  }
  return out;
}

void line(const Json& json) {
  fmt::print("{}\n", json.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::fflush(stdout);
}

void line(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}  // namespace

void Report::following(const audit::PinnedLog& log, std::uint64_t entries) const {
  const std::string id = to_hex(transparency::log_id(log.keys));
  if (json_)
    return line(Json{{"event", "following"}, {"log", id}, {"server", log.server_name}, {"entries", entries}});
  line(fmt::format("following log {} of {}, {} entries so far", id, harmless(log.server_name), entries));
}

void Report::head(const transparency::SignedTreeHead& head, std::uint64_t entries) const {
  if (json_) {
    // Without its signatures, which are long; they are in the file and at /v1/head.json.
    const Json out{{"event", "head"},
                   {"size", head.head.size},
                   {"root", to_hex(head.head.root)},
                   {"time_ms", head.head.time.value},
                   {"cosigned", !head.cosignatures.empty()},
                   {"entries", entries}};
    return line(out);
  }
  line(fmt::format("right: {}{}", audit::describe(head.head), head.cosignatures.empty() ? "" : ", cosigned"));
}

void Report::serving(const std::string& address) const {
  if (json_) return line(Json{{"event", "serving"}, {"address", address}});
  line("serving " + address + "/v1/head");
}

void Report::key(const crypto::HybridPublicKey& key) const {
  if (!json_) return line(key_text(key));
  line(Json{{"key", key_text(key)}, {"fingerprint", to_hex(key.fingerprint().octets())}});
}

void Report::verdict(bool proven, std::string_view log, const std::string& words) const {
  if (json_) return line(Json{{"proven", proven}, {"log", log}, {"words", words}});
  fmt::print("{}", words);
}

void Report::compared(bool consistent, const std::string& words) const {
  if (json_) return line(Json{{"consistent", consistent}, {"words", words}});
  fmt::print("{}", words);
}

void Report::notice(const std::string& text) const {
  fmt::print(stderr, "sotto-audit: {}\n", harmless(text));
}

void Report::alarm(const std::string& words) const {
  const std::string bar(100, '*');
  fmt::print(stderr, "\n{}\n{}{}\n\n", bar, words, bar);
  if (json_) line(Json{{"event", "alarm"}, {"words", words}});
}

void Report::failure(const Failure& failure) const {
  if (!json_) return notice(failure.message);
  const Json out{{"error", failure.message}, {"exit_code", static_cast<int>(failure.code)}};
  fmt::print(stderr, "{}\n", out.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string alarm_words(const audit::Finding& finding, const std::string& server,
                        const std::string& evidence) {
  const bool own = finding.kind == audit::FindingKind::own_record;
  const std::string headline =
      own ? "ALARM: this auditor's files contradict what it found right before."
          : fmt::format("ALARM: the transparency log of {} broke its rules.", harmless(server));
  const std::string next =
      finding.evidence
          ? "It is proof for anybody: give it to others who use this server (`sotto-audit verify`). Tell the "
            "server's users: do not trust its directory any more."
      : own ? "Find out who changed these files or whether the disk is failing. To follow the log from its "
              "first "
              "entry again, remove the files history and state and keep the file head: the log is held to it."
            : "It says what this auditor was given (`sotto-audit verify`). Ask the server's operator, and "
              "other "
              "auditors whether they found the same, before you trust its directory again.";
  return fmt::format(
      "{}\n\nFound {}.\n{}\nEvidence: {}\n{}\nThis auditor cosigns nothing more of this log. It goes on only "
      "when you "
      "have removed the file ALARM beside the evidence.\n",
      headline, audit::utc_text(finding.found), audit::explain(finding), evidence, next);
}

}  // namespace sotto::audit_cli
