#include "output.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <google/protobuf/util/json_util.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <vector>

#include "attach.h"
#include "crypto/secret.h"
#include "qr/terminal.h"

namespace sotto::cli {
namespace {

std::array<char, 16 * 1024> stdout_buffer;

/// 64 hexadecimal digits in groups, so that two people can compare them aloud.
std::string grouped(const std::string& fingerprint) {
  std::string out;
  for (std::size_t i = 0; i < fingerprint.size(); ++i) {
    if (i > 0 && i % 8 == 0) out += ' ';
    out += fingerprint[i];
  }
  return out;
}

std::string_view describe(v1::Status::Stage stage) {
  switch (stage) {
    case v1::Status::READY: return "registered";
    case v1::Status::WAITING_FOR_LINK:
      return "waiting to be linked (`sotto link`, or `sotto devices join FILE`)";
    case v1::Status::REMOVED: return "this device is no longer part of the account";
    case v1::Status::RETIRED: return "the account was turned off";
    default: return "not registered (`sotto register`)";
  }
}

std::string_view describe(v1::Contact::LogProof proof) {
  switch (proof) {
    case v1::Contact::PROVEN: return "the devices above are those in the server's public log";
    case v1::Contact::REFUSED: return "REFUSED: the server's proof did not hold; nothing is sent";
    case v1::Contact::DISPUTED: return "DISPUTED: they saw another log than you; nothing is sent to them";
    case v1::Contact::FORKED:
      return "FORKED: the server's log contradicted itself; nothing is sent to anybody";
    default: return "not proven yet; the next message asks the server for the proof";
  }
}

}  // namespace

std::string to_json(const google::protobuf::Message& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(record, &text, options).ok()) return "{}";
  return text;
}

std::string harmless(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    const bool c1 = octet == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if ((octet < 0x20 && octet != '\n' && octet != '\t') || octet == 0x7f) {
      out += fmt::format("\\x{:02x}", octet);
    } else if (c1) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string local_time(std::uint64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return "?";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     local.tm_hour, local.tm_min);
}

std::string describe(const v1::SecurityState& security) {
  if (security.channel() == v1::SecurityState::SMS) {
    return "text message, NOT end-to-end encrypted: your server, its gateway and carriers can read it";
  }
  std::string text = security.end_to_end() ? "end-to-end encrypted" : "NOT end-to-end encrypted";
  switch (security.pq_level()) {
    case v1::SecurityState::PQ_CONTINUOUS:
      text += ", post-quantum and rekeyed (last " + local_time(security.last_rekey_ms()) + ")";
      break;
    case v1::SecurityState::PQ_ESTABLISHMENT: text += ", post-quantum from the start, not rekeyed yet"; break;
    default: text += ", no session yet"; break;
  }
  if (security.authentication() == v1::SecurityState::HYBRID) text += ", hybrid signatures";
  switch (security.verified_by()) {
    case v1::PINNED_AT_FIRST_CONTACT: text += ", identity pinned at first contact"; break;
    case v1::VERIFIED_BY_QR: text += ", identity verified by QR code"; break;
    case v1::VERIFIED_BY_DIGITS: text += ", identity verified by comparing digits"; break;
    case v1::ACCEPTED_AFTER_CHANGE: text += ", identity accepted after a change and not compared"; break;
    default: break;
  }
  if (security.transparency_size() > 0) {
    text += fmt::format(", keys in the public log of {} entries", security.transparency_size());
  }
  return text;
}

void Output::json(const google::protobuf::Message& record) const { fmt::print("{}\n", to_json(record)); }

void Output::contact(const v1::Contact& contact) const {
  if (json_) return json(contact);
  fmt::print("{}\n", contact.handle().empty() ? contact.account() : harmless(contact.handle()));
  if (!contact.claimed_handle().empty()) {
    fmt::print("  calls itself: {} (not confirmed)\n", harmless(contact.claimed_handle()));
  }
  fmt::print("  account:      {}\n", contact.account().empty() ? "not known yet" : contact.account());
  fmt::print("  identity:     {}\n",
             contact.fingerprint().empty() ? "not known yet" : grouped(contact.fingerprint()));
  if (!contact.changed_fingerprint().empty()) {
    fmt::print("  CHANGED TO:   {}\n", grouped(contact.changed_fingerprint()));
    if (contact.known_key_again()) fmt::print("  The server shows the known identity again.\n");
    fmt::print(
        "  Nothing is sent until you accept the new key with `sotto contact accept`, keep the known one with "
        "`sotto contact keep`, or scan the one that is theirs with `sotto verify`.\n");
  }
  if (contact.verified_ms() != 0) fmt::print("  decided:      {}\n", local_time(contact.verified_ms()));
  if (contact.account_retired()) fmt::print("  This account was turned off for good; nothing can be sent.\n");
  for (const auto& device : contact.devices()) {
    fmt::print("  device:       {}\n                {}\n", device.device(), grouped(device.fingerprint()));
  }
  if (!contact.retired_handle().empty()) {
    fmt::print("  gave up:      {}\n", harmless(contact.retired_handle()));
  }
  if (contact.account_retired())
    fmt::print("  GONE:         the account was turned off; nothing can be sent\n");
  fmt::print("  log:          {}\n", describe(contact.log_proof()));
  fmt::print("  security:     {}\n", describe(contact.security()));
  fmt::print(
      "  can read:     the devices above and your own, nobody else; the server sees who writes to whom and "
      "how much\n");
}

void Output::device(const v1::Device& device) const {
  if (json_) return json(device);
  fmt::print("{}  {}{}\n    added {}, fingerprint {}\n", device.device(),
             device.name().empty() ? "(no name)" : harmless(device.name()),
             device.this_device() ? " (this device)" : "", local_time(device.added_ms()),
             grouped(device.fingerprint()));
}

void Output::status(const v1::Status& status) const {
  if (json_) return json(status);
  fmt::print("name:      {}\n", status.handle().empty() ? "-" : status.handle());
  fmt::print("stage:     {}\n", describe(status.stage()));
  fmt::print("server:    {}\n", status.server());
  if (!status.server_fingerprint().empty())
    fmt::print("           {}\n", grouped(status.server_fingerprint()));
  if (!status.tls_group().empty()) fmt::print("           over {}\n", status.tls_group());
  fmt::print("account:   {}\n", status.account().empty() ? "-" : status.account());
  fmt::print("device:    {} ({} in all)\n", status.device(), status.devices());
  fmt::print("to send:   {}\n", status.queued_messages());
  if (status.requests() > 0) fmt::print("requests:  {}; see: sotto requests\n", status.requests());
  if (status.held_envelopes() > 0)
    fmt::print("waiting:   {} received, sender unknown\n", status.held_envelopes());
  if (status.sent_insecurely_lately() > 0) {
    fmt::print("INSECURE:  {} of your {} messages in the last 30 days ({} %) were not end-to-end encrypted\n",
               status.sent_insecurely_lately(), status.sent_lately(),
               (100 * status.sent_insecurely_lately() + status.sent_lately() - 1) / status.sent_lately());
  }
}

void Output::sms_permission(const v1::SmsPermission& permission) const {
  if (json_) return json(permission);
  fmt::print("{:<17} {}  ({})\n", permission.number(), permission.allowed() ? "allowed" : "not allowed",
             local_time(permission.decided_ms()));
}

void Output::own_handles(const v1::OwnHandles& own) const {
  if (json_) return json(own);
  if (!own.code_sent_to().empty()) {
    const std::string handle = harmless(own.code_sent_to());
    fmt::print("A code was sent to {}. With it: sotto handles prove {} CODE\n", handle, handle);
    return;
  }
  for (const auto& handle : own.handles()) fmt::print("{}\n", harmless(handle));
}

void Output::log_status(const v1::LogStatus& status) const {
  if (json_) return json(status);
  fmt::print("log:       {}\n", status.log_id().empty() ? "not known yet" : grouped(status.log_id()));
  if (status.size() > 0) {
    fmt::print("head:      {} entries, signed {}\n           {}\n", status.size(),
               local_time(status.head_ms()), grouped(status.root()));
  }
  fmt::print("audited:   {}\n", status.self_audited_ms() == 0
                                    ? "not yet"
                                    : "your own entries, " + local_time(status.self_audited_ms()));
  if (status.witnesses_required() > 0) {
    fmt::print("witnesses: {} of the {} required vouch for it\n", status.witnesses(),
               status.witnesses_required());
  }
  if (status.open_claims() > 0) {
    fmt::print("claims:    {} of contacts, not proven yet\n", status.open_claims());
  }
  if (status.forked()) {
    fmt::print(
        "FORKED:    the server signed two histories; nothing is sent. Keep the evidence: sotto log evidence "
        "--to FILE\n");
  }
}

void Output::witness(const v1::Witness& witness) const {
  if (json_) return json(witness);
  fmt::print("{}\n", grouped(witness.fingerprint()));
}

void Output::media_report(const v1::MediaReport& report) const {
  if (json_) return json(report);
  fmt::print("{}, {} x {}{}\n", report.format(), report.width(), report.height(),
             report.animated() ? ", animated (only its first picture is shown)" : "");
  if (report.clean_format().empty()) return;
  fmt::print("written:   {}, {} x {}, {} octets\n", report.clean_format(), report.clean_width(),
             report.clean_height(), report.clean_octets());
  fmt::print("thumbnail: jpeg, {} x {}, {} octets\n", report.thumbnail_width(), report.thumbnail_height(),
             report.thumbnail_octets());
  switch (report.verdict()) {
    case v1::MediaReport::SHOWN: fmt::print("verdict:   shown ({} %)\n", report.score()); break;
    case v1::MediaReport::HIDDEN: fmt::print("verdict:   hidden ({} %)\n", report.score()); break;
    case v1::MediaReport::HIDDEN_UNCLASSIFIED: fmt::print("verdict:   hidden, nobody knows\n"); break;
    default: break;
  }
}

void Output::media_status(const v1::MediaStatus& status) const {
  if (json_) return json(status);
  fmt::print("seccomp:   {}\n", status.calls_filtered() ? "in force" : "missing");
  fmt::print("landlock:  {}\n",
             status.landlock_abi() == 0
                 ? std::string("this kernel has none; the filter of system calls carries alone")
                 : fmt::format("in force (ABI {})", status.landlock_abi()));
  fmt::print("decodes:   {}\n", fmt::join(status.formats(), ", "));
}

void Output::group(const v1::Group& group) const {
  if (json_) return json(group);
  fmt::print("{}  #{}{}\n", group.name(), group.group().substr(0, 8),
             group.member() ? "" : "  (you are not in it)");
  for (const auto& member : group.members()) {
    const char* role = member.role() == v1::Group::OWNER   ? "  owner"
                       : member.role() == v1::Group::ADMIN ? "  admin"
                                                           : "";
    fmt::print("  {}{}\n", member.name(), role);
  }
  if (group.has_photo()) fmt::print("  photo: {}\n", describe(group.photo()));
  if (group.timer_ms() > 0) fmt::print("  messages disappear after {} s\n", group.timer_ms() / 1000);
  for (const auto& guest : group.guests()) {
    fmt::print("  {} ({}), guest of {}: by text message, NOT end-to-end encrypted\n", harmless(guest.name()),
               guest.number(), harmless(guest.sponsor()));
  }
  if (group.guests_allowed()) fmt::print("  guests from outside may take part\n");
  if (!group.invite().empty()) fmt::print("{}\n", group.invite());
}

void Output::group_request(const v1::GroupRequest& request) const {
  if (json_) return json(request);
  fmt::print("{}  asks to be let in since {}\n", request.name(), local_time(request.time_ms()));
}

void Output::link(const v1::LinkProgress& progress) const {
  if (json_) return json(progress);
  switch (progress.stage()) {
    case v1::LinkProgress::OFFERED:
      for (const auto& line : qr::terminal_lines(progress.qr())) fmt::print("{}\n", line);
      if (!progress.qr().empty()) fmt::print("{}\n", progress.qr());
      if (!progress.code().empty()) fmt::print("Code:  {}\n", progress.code());
      fmt::print("Good for one device and two minutes. Nobody of us ever asks you for it.\n");
      return;
    case v1::LinkProgress::SIGNED_IN: return fmt::print("The password is right.\n");
    case v1::LinkProgress::JOINED:
      return fmt::print(
          "The two devices are connected{}.\n",
          progress.address().empty() ? "" : "; the other one is at " + harmless(progress.address()));
    case v1::LinkProgress::CONFIRMED:
      return fmt::print("\"{}\" proved the code; it becomes a device of the account.\n",
                        harmless(progress.name()));
    case v1::LinkProgress::LINKED: return fmt::print("Linked \"{}\".\n", harmless(progress.name()));
    case v1::LinkProgress::PAUSED:
      return fmt::print("Linking by code or QR code is paused on this device until {}.\n",
                        local_time(progress.until_ms()));
    default: return;  // failures end the command
  }
}

void Output::verification(const v1::VerificationProgress& progress) const {
  if (json_) return json(progress);
  const std::string contact = harmless(progress.contact());
  if (!progress.qr().empty()) {
    for (const auto& line : qr::terminal_lines(progress.qr())) fmt::print("{}\n", line);
    fmt::print("{}\n{} scans this code, or runs: sotto verify YOUR-NAME --scan TEXT\n", progress.qr(),
               contact);
    return;
  }
  switch (progress.stage()) {
    case v1::VerificationProgress::STARTED:
      fmt::print("Waiting for {}, who compares with: sotto verify YOUR-NAME\n", contact);
      break;
    case v1::VerificationProgress::COMPARE: fmt::print("    {}\n", progress.digits()); break;
    case v1::VerificationProgress::VERIFIED: fmt::print("{} is verified.\n", contact); break;
    default: fmt::print("{} is not verified: {}\n", contact, progress.failure()); break;
  }
}

void Output::recovery_status(const v1::RecoveryStatus& status) const {
  if (json_) return json(status);
  std::vector<std::string> ways;
  if (status.key()) {
    ways.push_back("the recovery key (last tried " + local_time(status.key_drilled_ms()) + ")");
  }
  if (status.threshold() > 0) {
    ways.push_back(fmt::format("{} of {} recovery contacts ({} have confirmed their share)",
                               status.threshold(), status.contacts(), status.contacts_confirmed()));
  }
  if (status.other_devices() > 0) {
    ways.push_back(
        fmt::format("{} other device{}", status.other_devices(), status.other_devices() == 1 ? "" : "s"));
  }
  if (ways.empty()) {
    fmt::print("NO way back if this device is lost. Make one: sotto recovery setup\n");
    return;
  }
  fmt::print("{} independent way{} back if this device is lost: {}\n", status.independent_ways(),
             status.independent_ways() == 1 ? "" : "s", fmt::join(ways, "; "));
}

void Output::recovery_progress(const v1::RecoveryProgress& progress) const {
  if (json_) return json(progress);
  if (progress.stage() != v1::RecoveryProgress::FAILED) fmt::print("{}\n", harmless(progress.detail()));
}

void Output::note(const std::string& text) const {
  if (!json_) fmt::print("{}\n", text);
}

void Output::problem(const v1::Problem& problem) const {
  const std::string words = problem.detail() + (problem.subject().empty() ? "" : ": ") + problem.subject();
  if (remarks_) return remarks_(words);
  if (json_) {
    fmt::print(stderr, "{}\n", to_json(problem));
  } else {
    fmt::print(stderr, "note: {}\n", harmless(words));
  }
}

void Output::notice(const v1::Notice& notice) const {
  const std::string from = notice.address().empty() ? "" : " (from " + notice.address() + ")";
  const std::string words = fmt::format("[{}] {}{}", local_time(notice.time_ms()), notice.detail(), from);
  if (remarks_) return remarks_(words);
  if (json_) {
    fmt::print(stderr, "{}\n", to_json(notice));
  } else {
    fmt::print(stderr, "note: {}\n", harmless(words));
  }
}

void Output::failure(const Failure& failure) const {
  if (!json_) {
    fmt::print(stderr, "sotto: {}\n", harmless(failure.message));
    return;
  }
  v1::CommandError error;
  error.set_code(std::string(name_of(failure.code)));
  error.set_message(failure.message);
  error.set_exit_code(static_cast<std::uint32_t>(failure.code));
  fmt::print(stderr, "{}\n", to_json(error));
}

void Output::use_wiped_buffer() { std::setvbuf(stdout, stdout_buffer.data(), _IOFBF, stdout_buffer.size()); }

bool Output::flush() const {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return false;
  crypto::wipe(stdout_buffer.data(), stdout_buffer.size());
  return true;
}

}  // namespace sotto::cli
