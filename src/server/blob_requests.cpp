// The part of Core that opens, keeps and releases blobs for devices, and admits requests for their octets
// (docs/specs/blobs.md).
#include <fmt/format.h>

#include "server/blob_edge.h"
#include "server/core.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

using blobs::BlobError;

v1::Error::Code wire_code(BlobError error) {
  switch (error) {
    case BlobError::no_such_blob: return v1::Error::NO_SUCH_BLOB;
    case BlobError::too_large: return v1::Error::TOO_LARGE;
    case BlobError::empty: return v1::Error::MALFORMED;
    case BlobError::over_quota:
    case BlobError::too_many_keepers: return v1::Error::BLOB_QUOTA;
    case BlobError::busy:
    case BlobError::overloaded: return v1::Error::OVERLOADED;
    case BlobError::no_space:
    case BlobError::storage_unavailable: return v1::Error::STORAGE_UNAVAILABLE;
    default: return v1::Error::INTERNAL;
  }
}

DurationMs retry_after(BlobError error) {
  switch (error) {
    case BlobError::busy:
    case BlobError::overloaded: return seconds(1);
    case BlobError::no_space:
    case BlobError::storage_unavailable: return seconds(30);
    default: return {};
  }
}

}  // namespace

void Core::refuse(const Connection& connection, std::uint64_t request_id, BlobError error) {
  refuse(connection, request_id, wire_code(error), blobs::describe(error), retry_after(error));
}

void Core::create_blob(Connection& connection, const v1::ClientFrame& frame) {
  const v1::CreateBlob& request = frame.create_blob();
  const Request owed = begin(connection, frame);
  blobs_.create(connection.device->account, request.size(), {request.keep_ms()}, now_,
                [this, owed](const blobs::BlobResult<blobs::Created>& created) {
                  const Connection* asker = finish(owed);
                  if (asker == nullptr) return;
                  if (!created) return refuse(*asker, owed.id, created.error());
                  v1::ServerFrame answer;
                  answer.set_request_id(owed.id);
                  answer.mutable_blob_created()->set_capability(wire::field(created->capability));
                  answer.mutable_blob_created()->set_upload_token(wire::field(created->token));
                  answer.mutable_blob_created()->set_expires_ms(created->expires.value);
                  send(*asker, answer);
                });
}

void Core::keep_blob(Connection& connection, const v1::ClientFrame& frame) {
  const v1::KeepBlob& request = frame.keep_blob();
  const Request owed = begin(connection, frame);
  blobs_.keep(connection.device->account, wire::octets(request.capability()), {request.keep_ms()}, now_,
              [this, owed](const blobs::BlobResult<UnixMs>& kept) {
                const Connection* asker = finish(owed);
                if (asker == nullptr) return;
                if (!kept) return refuse(*asker, owed.id, kept.error());
                v1::ServerFrame answer;
                answer.set_request_id(owed.id);
                answer.mutable_blob_kept()->set_expires_ms(kept->value);
                send(*asker, answer);
              });
}

void Core::release_blob(Connection& connection, const v1::ClientFrame& frame) {
  const Request owed = begin(connection, frame);
  blobs_.release(connection.device->account, wire::octets(frame.release_blob().capability()), now_,
                 [this, owed](const blobs::BlobResult<void>& released) {
                   const Connection* asker = finish(owed);
                   if (asker == nullptr) return;
                   if (!released) return refuse(*asker, owed.id, released.error());
                   done(*asker, owed.id);
                 });
}

void Core::on_blob_request(const transport::HttpRequest& request, UnixMs now, transport::HttpReply reply) {
  now_ = now;
  if (draining_) {
    return reply({.status = 503, .body = "the server is shutting down\n", .fields = {{"Retry-After", "5"}}});
  }
  const DurationMs wait = addresses_.ask_blob(address_group(request.remote_address), now);
  if (wait != DurationMs{}) {
    return reply({.status = 429,
                  .body = "too many requests\n",
                  .fields = {{"Retry-After", fmt::format("{}", (wait.value + 999) / 1000)}}});
  }
  answer_blob_request(blobs_, request, now, reply);
}

}  // namespace sotto::server
