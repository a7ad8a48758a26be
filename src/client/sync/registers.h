// What an account's devices agree on: settings of conversations, drafts, names, who is blocked. One value for
// each kind and subject; of two writes the one of higher rank counts, wherever and whenever it arrives
// (docs/specs/content.md 7).
#pragma once

#include <optional>
#include <string>

#include "bytes/bytes.h"
#include "client/core/work.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

/// Writes in one sync event; the rest of a longer one is dropped.
inline constexpr int kMaxWrites = 200;

using RegisterKind = v1::SyncEvent::Write::Kind;

/// 0 where nothing was ever written.
std::uint64_t number_of(store::Database& database, RegisterKind kind, ByteView subject);
/// Empty where nothing was ever written.
std::string text_of(store::Database& database, RegisterKind kind, ByteView subject);

/// 0 where nothing was ever written.
UnixMs written_at(store::Database& database, RegisterKind kind, ByteView subject);

/// Keeps a write if it counts; false if one of higher rank is known.
bool apply_write(Work& work, const v1::SyncEvent::Write& write);

/// What another own device wrote.
void take_writes(Work& work, const v1::SyncEvent::Writes& writes);

/// A write of this device: ranks above everything known of its register, and goes to the other own devices.
/// `stamp`: the id of the message that it comes with; without one it is drawn.
void write_register(Work& work, RegisterKind kind, ByteView subject, std::uint64_t number,
                    std::string_view text = {}, const std::optional<session::MessageId>& stamp = {});

/// Everything that was ever written, for a device that just joined.
void share_registers(Work& work, const identity::DeviceId& device);

}  // namespace sotto::client
