#include "session/device.h"

namespace sotto::session {

void append(Encoder& out, const DeviceIdentity& identity) {
  out.var(identity.account.view()).var(identity.device.view());
  out.raw(identity.account_key.octets()).raw(identity.device_key.octets());
}

}  // namespace sotto::session
