#include "session/device.h"

namespace sotto::session {

void append(Encoder& out, const DeviceIdentity& identity) {
  out.var(identity.account.view()).var(identity.device.view());
  out.raw(identity.account_key.octets()).raw(identity.device_key.octets());
}

Bytes encode(const DeviceIdentity& identity) {
  Encoder out(128);
  append(out, identity);
  return std::move(out).take();
}

}  // namespace sotto::session
