#include "client/accounts/password.h"

#include "wire/decode.h"

namespace sotto::client {

bool change_password(Work& work, const std::optional<NewPassword>& password) {
  const RequestKey key{RequestKind::linking, {static_cast<std::uint8_t>(LinkStep::set_password)}};
  if (!work.link.ready() || !work.link.may(key, work.now)) return false;
  v1::ClientFrame frame;
  auto* request = frame.mutable_set_password();
  if (password) {
    request->set_salt(wire::field(password->salt));
    request->mutable_stretching()->set_memory_kib(password->cost.memory_kib);
    request->mutable_stretching()->set_passes(password->cost.iterations);
    request->mutable_stretching()->set_lanes(password->cost.lanes);
    request->set_authenticator(wire::field(password->authenticator));
  }
  work.run.linking.password_changed = false;
  work.link.send(work.effects, frame, {.key = key});
  return true;
}

void on_password_answer(Work& work, const v1::ServerFrame& frame) {
  if (frame.has_done()) {
    work.run.linking.password_changed = true;
    return;
  }
  const auto& error = frame.error();
  report_problem(work, v1::Problem::SIGN_IN_REFUSED,
                 error.detail().empty() ? v1::Error::Code_Name(error.code()) : error.detail());
}

}  // namespace sotto::client
