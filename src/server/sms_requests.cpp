// The part of Core in which accounts write to telephone numbers and are answered (docs/specs/gateway.md).
#include <algorithm>

#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

v1::Error::Code wire_code(gateway::SmsError error) {
  switch (error) {
    case gateway::SmsError::malformed: return v1::Error::MALFORMED;
    case gateway::SmsError::number_invalid: return v1::Error::HANDLE_INVALID;
    case gateway::SmsError::too_long: return v1::Error::TOO_LARGE;
    case gateway::SmsError::unavailable:
    case gateway::SmsError::unreachable: return v1::Error::SMS_UNAVAILABLE;
    case gateway::SmsError::not_allowed: return v1::Error::SMS_NOT_ALLOWED;
    case gateway::SmsError::stopped: return v1::Error::SMS_STOPPED;
    case gateway::SmsError::no_number: return v1::Error::SMS_NO_NUMBER;
    case gateway::SmsError::too_many_texts:
    case gateway::SmsError::too_many_parts:
    case gateway::SmsError::too_many_recipients:
    case gateway::SmsError::budget_spent: return v1::Error::RATE_LIMITED;
    case gateway::SmsError::overloaded: return v1::Error::OVERLOADED;
    case gateway::SmsError::storage_unavailable: return v1::Error::STORAGE_UNAVAILABLE;
    case gateway::SmsError::corrupt:
    case gateway::SmsError::unknown_text:
    case gateway::SmsError::unroutable: break;
  }
  return v1::Error::INTERNAL;
}

bool is_number(const std::string& handle) { return handle.starts_with('+'); }

}  // namespace

void Core::refuse(const Connection& connection, std::uint64_t request_id, gateway::SmsError error) {
  refuse(connection, request_id, wire_code(error), gateway::describe(error), gateway::retry_after(error));
}

void Core::send_sms(Connection& connection, const v1::ClientFrame& frame) {
  const AccountId& account = connection.device->account;
  const auto status = directory_.account_status(account);
  if (!status) return refuse(connection, frame.request_id(), status.error());
  const auto& handles = status->handles();
  const auto number = std::ranges::find_if(handles, is_number);
  const bool proven = number != handles.end();
  const std::string name = proven ? *number : handles.empty() ? "Somebody" : handles[0];
  const Request owed = begin(connection, frame);
  text_messages_.send({account, name, proven}, frame.send_sms(), now_,
                      [this, owed](gateway::SmsResult<v1::SmsSent> sent) {
                        Connection* asker = finish(owed);
                        if (asker == nullptr) return;
                        if (!sent) return refuse(*asker, owed.id, sent.error());
                        v1::ServerFrame answer;
                        answer.set_request_id(owed.id);
                        *answer.mutable_sms_sent() = *std::move(sent);
                        send(*asker, answer);
                      });
}

void Core::tell(const AccountId& account, const v1::GatewayEvent& event,
                std::move_only_function<void(bool stored)> done) {
  const auto current = directory_.current_manifest(account);
  if (!current) return done(current.error().error == directory::DirectoryError::no_such_account);
  if ((*current)->retired) return done(true);
  const Bytes payload = wire::encode(event);
  relay::Target target{.account = account,
                       .manifest_version = (*current)->version,
                       .current = relay::CurrentManifest{(*current)->version, (*current)->devices},
                       .devices = {},
                       .shared_body = {},
                       .origin = relay::Origin::gateway};
  for (const DeviceId& device : (*current)->devices) target.devices.push_back({device, {payload}});
  const relay::SubmissionId id{++last_submission_};
  tellings_.emplace(id.value, std::move(done));
  relay_.submit(id, {&target, 1}, now_);
}

void Core::sms_handed_over(const gateway::SmsRef& ref, gateway::HandOver result, UnixMs now) {
  now_ = now;
  text_messages_.handed_over(ref, result, now);
}

void Core::sms_report(const gateway::SmsRef& ref, gateway::SmsState state, UnixMs now,
                      gateway::SmsReply<void> reply) {
  now_ = now;
  if (!log_->ready()) return reply(err(gateway::SmsError::storage_unavailable));
  text_messages_.report(ref, state, now, std::move(reply));
}

void Core::sms_received(const gateway::IncomingSms& text, UnixMs now, gateway::SmsReply<void> reply) {
  now_ = now;
  if (!log_->ready()) return reply(err(gateway::SmsError::storage_unavailable));
  text_messages_.receive(text, now, std::move(reply));
}

}  // namespace sotto::server
