// What the core counts, as plain numbers; a shell exports them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "blobs/blobs.h"
#include "gateway/text_messages.h"
#include "relay/types.h"

namespace sotto::server {

// More than any field number of ClientFrame's requests and than any Error::Code; there are gaps.
inline constexpr std::size_t kRequestKinds = 91;
inline constexpr std::size_t kErrorCodes = 90;

/// Of the transparency log.
struct LogCounts {
  std::uint64_t epochs = 0;
  std::uint64_t cosigned_epochs = 0;  ///< size of the newest head that a witness cosigned; 0: none
  std::size_t waiting = 0;            ///< changes that wait for an epoch
  DurationMs head_age;                ///< of the newest signed head
  bool ready = false;
  bool stalled = false;  ///< writing failed and has not succeeded since
};

struct Counts {
  std::size_t connections = 0;
  std::size_t authenticated = 0;
  std::size_t requests_in_flight = 0;
  std::size_t remembered_addresses = 0;  ///< with an allowance, connected or not
  std::size_t remembered_devices = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t octets_received = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t octets_sent = 0;
  std::uint64_t authentications = 0;
  std::uint64_t authentications_failed = 0;
  std::uint64_t sign_ins = 0;  ///< by password
  std::uint64_t sign_ins_failed = 0;
  std::uint64_t links_joined = 0;
  std::uint64_t first_contacts_refused = 0;             ///< who began to write to too many others
  std::uint64_t connections_refused = 0;                ///< too many from one address
  std::uint64_t connections_replaced = 0;               ///< the device connected again
  std::uint64_t connections_revoked = 0;                ///< the device left its manifest
  std::uint64_t connections_expired = 0;                ///< did not authenticate in time
  std::array<std::uint64_t, kRequestKinds> requests{};  ///< by ClientFrame field number
  std::array<std::uint64_t, kErrorCodes> errors{};      ///< answers, by v1::Error::Code
  relay::RelayCounts relay;
  LogCounts log;
  blobs::BlobCounts blobs;
  gateway::TextMessages::Counts sms;
};

}  // namespace sotto::server
