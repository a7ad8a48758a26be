#include "admin.h"

#include <fmt/format.h>

#include "bytes/hex.h"
#include "config.h"
#include "wire/decode.h"

namespace sotto::sottod {
namespace {

using nlohmann::json;

json status(const server::Runtime& runtime, const server::Counts& counts, UnixMs started) {
  return {{"state", runtime.draining() ? "shutting down" : "running"},
          {"listening_on", to_text(runtime.endpoint())},
          {"metrics_port", runtime.metrics_port()},
          {"up_seconds", elapsed(started, runtime.now()).value / 1000},
          {"connections", counts.connections},
          {"connected_devices", counts.authenticated},
          {"requests_in_flight", counts.requests_in_flight},
          {"envelopes_accepted", counts.relay.accepted},
          {"envelopes_pushed", counts.relay.pushed},
          {"envelopes_acknowledged", counts.relay.acknowledged},
          {"envelopes_expired", counts.relay.expired},
          {"log",
           {{"state", counts.log.stalled ? "cannot be written"
                      : counts.log.ready ? "ready"
                                         : "recovering"},
            {"epochs", counts.log.epochs},
            {"epochs_cosigned", counts.log.cosigned_epochs},
            {"waiting_changes", counts.log.waiting},
            {"head_age_seconds", counts.log.head_age.value / 1000}}}};
}

json report(const server::AccountHoldings& holdings) {
  json handles = json::array();
  for (const std::string& handle : holdings.status.handles()) handles.push_back(handle);
  json devices = json::array();
  for (int i = 0; i < holdings.status.mailboxes_size(); ++i) {
    const auto& mailbox = holdings.status.mailboxes(i);
    devices.push_back({{"device", to_hex(wire::octets(mailbox.device()))},
                       {"waiting_envelopes", mailbox.envelopes()},
                       {"waiting_octets", mailbox.bytes()},
                       {"oldest_waiting_ms", mailbox.oldest_ms()},
                       {"one_time_prekeys", holdings.prekeys[static_cast<std::size_t>(i)]}});
  }
  json recovery = json::array();
  for (const auto& slot : holdings.recovery.slots()) recovery.push_back({{"stored_ms", slot.stored_ms()}});
  json notices = json::array();
  for (const auto& notice : holdings.notices) {
    notices.push_back({{"number", notice.number()},
                       {"time_ms", notice.time_ms()},
                       {"kind", v1::AccountNotice::Kind_Name(notice.kind())},
                       {"address", notice.address()}});
  }
  json routes = json::array();
  for (const auto& route : holdings.status.sms_routes()) {
    routes.push_back({{"number", route.peer()},
                      {"over", route.number()},
                      {"last_used_ms", route.last_used_ms()},
                      {"stopped", route.stopped()}});
  }
  const auto& password = holdings.password;
  json out{
      {"account", to_hex(holdings.account.view())},
      {"created_ms", holdings.status.created_ms()},
      {"handles", handles},
      {"manifest_version", holdings.manifest_version},
      {"devices", devices},
      {"sealed_recovery_slots", recovery},
      {"blobs", holdings.blobs.blobs},
      {"blob_octets", holdings.blobs.octets},
      {"began_to_write_to_in_24_hours", holdings.first_contacts},
      {"password_set_ms", password.password_set ? password.password_set->value : 0},
      {"failed_sign_ins", password.failures.count},
      {"last_failed_sign_in_ms", password.failures.last.value},
      {"notices", notices},
      {"text_message_recipients", routes},
      {"also_kept",
       "every signed manifest (public keys, sealed device names, times), the public prekeys, and what "
       "checks the password "
       "(a salted hash)"},
      {"readable_by_the_server",
       "none of the waiting envelopes and none of the blobs, only the devices have the keys, except text "
       "messages (SMS) and reports about them, until the devices acknowledged them"},
      {"not_kept",
       "messages once acknowledged, who sent what to whom other than the numbers above, contacts, groups, "
       "lookups, network addresses other than those of sign-ins above, logs of activity"}};
  if (holdings.handle_given_up) out["handle_given_up_ms"] = holdings.handle_given_up->value;
  if (holdings.retired) out["turned_off_ms"] = holdings.retired->value;
  return out;
}

void create_invite(server::Runtime& runtime, const json& request, AdminReply reply) {
  accounts::NewInvite invite;
  if (request.contains("handle")) invite.handle = request["handle"].get<std::string>();
  if (request.contains("days")) invite.lifetime = days(request["days"].get<std::uint32_t>());
  runtime.core().create_invite(invite, runtime.now(),
                               [reply = std::move(reply)](accounts::AccountsResult<std::string> token) {
                                 if (!token) return reply({{"error", accounts::describe(token.error())}});
                                 reply({{"invite", *token}});
                               });
}

void revoke_invite(server::Runtime& runtime, const json& request, AdminReply reply) {
  runtime.core().revoke_invite(request.at("invite").get<std::string>(),
                               [reply = std::move(reply)](accounts::AccountsResult<void> done) {
                                 if (!done) return reply({{"error", accounts::describe(done.error())}});
                                 reply({{"revoked", true}});
                               });
}

json head_of(server::Runtime& runtime, const accounts::ReportId& id, const identity::AccountId& account,
             UnixMs time) {
  json handles = json::array();
  for (const std::string& handle : runtime.core().handles_of(account)) handles.push_back(handle);
  return {{"report", to_hex(id)},
          {"account", to_hex(account.view())},
          {"handles", handles},
          {"time_ms", time.value}};
}

void list_reports(server::Runtime& runtime, const AdminReply& reply) {
  const auto all = runtime.core().reports().list();
  if (!all) return reply({{"error", accounts::describe(all.error())}});
  json heads = json::array();
  for (const auto& head : *all) heads.push_back(head_of(runtime, head.id, head.account, head.time));
  reply({{"reports", heads}});
}

void show_report(server::Runtime& runtime, const accounts::ReportId& id, const AdminReply& reply) {
  const auto found = runtime.core().reports().find(id);
  if (!found) return reply({{"error", accounts::describe(found.error())}});
  json out = head_of(runtime, id, found->account, found->time);
  out["why"] = found->why;
  json said = json::array();
  for (const auto& excerpt : found->excerpts) {
    said.push_back({{"sent_ms", excerpt.sent.value}, {"text", excerpt.text}});
  }
  out["said_according_to_the_reporter"] = said;
  reply(out);
}

void answer_about_reports(server::Runtime& runtime, const std::string& command, const json& request,
                          AdminReply reply) {
  if (command == "reports-list") return list_reports(runtime, reply);
  const auto octets = from_hex(request.at("report").get<std::string>());
  if (!octets || octets->size() != std::tuple_size_v<accounts::ReportId>) {
    return reply({{"error", accounts::describe(accounts::AccountsError::no_such_report)}});
  }
  const auto id = to_array<16>(*octets);
  if (command == "reports-show") return show_report(runtime, id, reply);
  runtime.core().reports().dismiss(id, [reply = std::move(reply)](accounts::AccountsResult<void> done) {
    if (!done) return reply({{"error", accounts::describe(done.error())}});
    reply({{"dismissed", true}});
  });
}

void sweep_blobs(server::Runtime& runtime, const json& request, AdminReply reply) {
  const bool dry_run = request.value("dry_run", false);
  runtime.core().sweep_blobs(
      dry_run, [dry_run, reply = std::move(reply)](blobs::BlobResult<blobs::SweepReport> swept) {
        if (!swept) return reply({{"error", blobs::describe(swept.error())}});
        reply({{"blobs", swept->blobs},
               {"octets", swept->octets},
               {dry_run ? "would_erase" : "erased", swept->expired},
               {dry_run ? "would_erase_octets" : "erased_octets", swept->expired_octets},
               {"damaged_records", swept->damaged}});
      });
}

void dispatch(server::Runtime& runtime, UnixMs started, const json& request, const AdminReply& reply) {
  const auto command = request.value("command", "");
  if (command == "status") return reply(status(runtime, runtime.core().counts(), started));
  if (command == "counts") return reply({{"metrics", runtime.metrics_text()}});
  if (command == "create-invite") return create_invite(runtime, request, reply);
  if (command == "revoke-invite") return revoke_invite(runtime, request, reply);
  if (command == "blobs-gc") return sweep_blobs(runtime, request, reply);
  if (command.starts_with("reports-")) return answer_about_reports(runtime, command, request, reply);
  if (command == "report") {
    const auto holdings = runtime.core().holdings(request.at("handle").get<std::string>(), runtime.now());
    if (!holdings) return reply({{"error", directory::describe(holdings.error().error)}});
    return reply(report(*holdings));
  }
  reply({{"error", "no such command"}});
}

/// Others wrote it, and a terminal obeys: control characters and those that turn the direction of writing.
std::string harmless(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto at = [&](std::size_t place) {
      return place < text.size() ? static_cast<std::uint8_t>(text[place]) : std::uint8_t{0};
    };
    const bool c1 = at(i) == 0xc2 && at(i + 1) >= 0x80 && at(i + 1) < 0xa0;
    const bool direction =
        at(i) == 0xe2 &&
        ((at(i + 1) == 0x80 && ((at(i + 2) >= 0xa8 && at(i + 2) <= 0xae) || at(i + 2) < 0x90)) ||
         (at(i + 1) == 0x81 && at(i + 2) >= 0xa0 && at(i + 2) < 0xb0));
    const bool control = at(i) < 0x20 || at(i) == 0x7f || c1 || direction;
    if (!control) {
      out += text[i];
      continue;
    }
    out += ' ';
    i += direction ? 2 : c1 ? 1 : 0;
  }
  return out;
}

void write_value(const json& value, int indent, std::string& out) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      out += fmt::format("{:{}}{}:", "", indent, key);
      if (inner.is_structured()) {
        out += "\n";
        write_value(inner, indent + 2, out);
      } else {
        out += " ";
        write_value(inner, 0, out);
      }
    }
    return;
  }
  if (value.is_array()) {
    for (const auto& inner : value) {
      out += fmt::format("{:{}}-\n", "", indent);
      write_value(inner, indent + 2, out);
    }
    return;
  }
  out += fmt::format("{:{}}{}\n", "", indent,
                     value.is_string() ? harmless(value.get<std::string>()) : value.dump());
}

}  // namespace

void answer_admin(server::Runtime& runtime, UnixMs started, const json& request, AdminReply reply) {
  try {
    dispatch(runtime, started, request, reply);
  } catch (const json::exception&) {
    reply({{"error", "an argument is missing or of another type"}});
  }
  runtime.end_turn();
}

std::string admin_text(const json& answer) {
  if (answer.contains("metrics")) return answer["metrics"].get<std::string>();
  if (answer.contains("invite")) return answer["invite"].get<std::string>() + "\n";
  std::string out;
  write_value(answer, 0, out);
  return out;
}

}  // namespace sotto::sottod
