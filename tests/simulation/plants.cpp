#include "plants.h"

#include <string>

#include "server/blob_edge.h"
#include "sotto/v1/stream.pb.h"
#include "wire/decode.h"

namespace sotto::simulation {
namespace {

// First octets of record keys (session/peer_record.cpp).
constexpr std::uint8_t kAcceptedChunk = 'a';
constexpr std::uint8_t kSessionCore = 's';

}  // namespace

void forget_accepted_messages(client::store::Database& database) {
  const ByteArray<1> kind{kAcceptedChunk};
  database.run("DELETE FROM peer_record WHERE substr(key, 1, 1) = ?1", kind);
  database.run("DELETE FROM sender_progress");
}

void put_back_sessions(client::store::Database& database, ByteView before) {
  const auto old = client::store::Database::restore(before);
  const ByteArray<1> kind{kSessionCore};
  auto rows =
      old->query("SELECT account, device, key, value FROM peer_record WHERE substr(key, 1, 1) = ?1", kind);
  while (rows.next()) {
    database.run("UPDATE peer_record SET value = ?4 WHERE account = ?1 AND device = ?2 AND key = ?3",
                 rows.octets(0), rows.octets(1), rows.octets(2), rows.secret(3));
  }
}

Bytes with_newest_manifest(ByteView octets, const NewestManifest& newest) {
  v1::ClientFrame frame;
  if (!wire::decode(octets, wire::kMaxFrameBytes, frame) || !frame.has_submit()) return to_bytes(octets);
  for (auto& target : *frame.mutable_submit()->mutable_targets()) {
    const auto account = identity::AccountId::from(wire::octets(target.account()));
    const auto version = account ? newest(*account) : std::nullopt;
    if (version) target.set_manifest_version(*version);
  }
  return wire::encode(frame);
}

std::optional<transport::HttpResponse> acknowledgement_of_end(const transport::HttpRequest& request) {
  const auto place = server::parse_content_range(request.field("Content-Range"));
  if (request.method != "PUT" || !place || place->range.last + 1 != place->size) return std::nullopt;
  transport::HttpResponse out;
  out.status = 204;
  out.fields = {{"Upload-Offset", std::to_string(place->size)}};
  return out;
}

}  // namespace sotto::simulation
