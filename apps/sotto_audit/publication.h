// What an auditor publishes over plain HTTP: its newest cosigned head, its key, its health, its metrics.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "audit/follower.h"
#include "crypto/hybrid_signature.h"
#include "outcome.h"
#include "transport/endpoint.h"
#include "transport/http.h"
#include "transport/listener.h"

namespace sotto::audit_cli {

/// What there is to say at the moment of a request.
struct PublishedState {
  std::optional<transparency::SignedTreeHead> head;
  audit::FollowerStatus status;
  std::string alarm;           ///< its words; empty: none
  Bytes evidence;              ///< with an alarm
  std::uint64_t failures = 0;  ///< connections that failed
};

/// {"log": ..., "size": ..., ...}: one line, hexadecimal.
std::string head_json(const transparency::SignedTreeHead& head);
Bytes head_octets(const transparency::SignedTreeHead& head);
/// 3970 hexadecimal digits: what clients and sottod's configuration take.
std::string key_text(const crypto::HybridPublicKey& key);
/// In Prometheus' text format.
std::string metrics_text(const PublishedState& state, UnixMs now);
transport::HttpResponse publish(const transport::HttpRequest& request, const PublishedState& state,
                                const crypto::HybridPublicKey* key, UnixMs now);

/// "127.0.0.1:9480" or "[::1]:9480"; the address has to be a literal.
Outcome<transport::TcpEndpoint> parse_address(const std::string& text);

}  // namespace sotto::audit_cli
