#include "client/recovery/requests.h"

#include "client/recovery/attempt.h"
#include "client/recovery/drill.h"
#include "client/recovery/upkeep.h"

namespace sotto::client {

RequestKey recovery_request(RecoveryStep step) {
  return {RequestKind::recovery, {static_cast<std::uint8_t>(step)}};
}

void on_recovery_answer(Work& work, const Request& request, const v1::ServerFrame& frame) {
  const auto step = static_cast<RecoveryStep>(request.key.subject.front());
  const auto* error = frame.has_error() ? &frame.error() : nullptr;
  switch (step) {
    case RecoveryStep::store:
      if (error != nullptr) return on_store_refused(work, request, *error);
      if (frame.has_done()) return on_slots_stored(work, request);
      break;
    case RecoveryStep::drill:
      if (error != nullptr) return on_drill_refused(work, request, *error);
      if (frame.has_recovery_slot()) return on_drill_slot(work, request, frame.recovery_slot());
      break;
    case RecoveryStep::fetch:
      if (error != nullptr) return on_recovery_refused(work, request, *error);
      if (frame.has_recovery_slot()) return on_recovery_slot(work, request, frame.recovery_slot());
      break;
    case RecoveryStep::chain:
      if (error != nullptr) return on_recovery_refused(work, request, *error);
      if (frame.has_manifests()) return on_recovery_chain(work, request, frame.manifests());
      break;
    case RecoveryStep::log:
      if (error != nullptr) return on_recovery_refused(work, request, *error);
      if (frame.has_lookup_answer()) return on_recovery_log(work, request, frame.lookup_answer());
      break;
    case RecoveryStep::publish:
      if (error != nullptr) return on_recovery_refused(work, request, *error);
      if (frame.has_manifest_published()) return on_recovery_published(work, request);
      break;
  }
  work.effects.disconnect = Disconnect::retry;  // a server that lost count
}

}  // namespace sotto::client
