// The half of Core that answers about the transparency log (docs/specs/transparency.md 4, 7), and says what
// connections may ask that are no device.
#include "result/check.h"
#include "server/core.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::server {
namespace {

/// Anybody may follow the log.
bool for_auditors(const v1::ClientFrame& frame) {
  switch (frame.request_case()) {
    case v1::ClientFrame::kFetchTreeHead:
    case v1::ClientFrame::kFetchConsistency:
    case v1::ClientFrame::kFetchEntries:
    case v1::ClientFrame::kFetchMutations:
    case v1::ClientFrame::kSubmitCosignature: return true;
    default: return false;
  }
}

/// A guest may see the account it is going to join, and no other.
bool for_guests(const Connection& connection, const v1::ClientFrame& frame) {
  if (!connection.guest_of) return false;
  const auto account = wire::field(connection.guest_of->view());
  switch (frame.request_case()) {
    case v1::ClientFrame::kLookUp: return frame.look_up().account() == account;
    case v1::ClientFrame::kFetchManifests: return frame.fetch_manifests().account() == account;
    case v1::ClientFrame::kSendLink:
    case v1::ClientFrame::kCloseLink: return true;
    case v1::ClientFrame::kPublishManifest:
      // By the recovery key; the directory verifies it.
      return !frame.publish_manifest().manifest().recovery_key().empty();
    default: return false;
  }
}

v1::Error::Code wire_code(transparency_log::LogError error) {
  using transparency_log::LogError;
  switch (error) {
    case LogError::not_ready:
    case LogError::out_of_range: return v1::Error::LOG_NOT_READY;
    case LogError::bad_cosignature: return v1::Error::COSIGNATURE_REJECTED;
    case LogError::overloaded: return v1::Error::OVERLOADED;
    case LogError::storage_unavailable: return v1::Error::STORAGE_UNAVAILABLE;
    default: return v1::Error::INTERNAL;
  }
}

DurationMs retry_after(transparency_log::LogError error) {
  switch (wire_code(error)) {
    case v1::Error::LOG_NOT_READY:
    case v1::Error::OVERLOADED: return kRetryLog;
    case v1::Error::STORAGE_UNAVAILABLE: return relay::kRetryStorage;
    default: return {};
  }
}

}  // namespace

/// Whether the request is one for auditors, or about the account whose guest the connection is, and within
/// what its address may ask. Refuses it otherwise.
bool Core::admit_visitor(Connection& connection, const v1::ClientFrame& frame) {
  if (!connection.greeting || !(for_auditors(frame) || for_guests(connection, frame))) {
    mistake(connection, frame.request_id(), v1::Error::NOT_AUTHENTICATED, "authenticate first");
    return false;
  }
  const DurationMs wait = addresses_.ask_log(connection.address_group, now_);
  if (wait != DurationMs{}) {
    refuse(connection, frame.request_id(), v1::Error::RATE_LIMITED, "too many requests", wait);
    return false;
  }
  connection.last_admitted = now_;
  return true;
}

void Core::handle_visitor(Connection& connection, const v1::ClientFrame& frame) {
  if (!admit_visitor(connection, frame)) return;
  switch (frame.request_case()) {
    case v1::ClientFrame::kLookUp: return look_up(connection, frame, *connection.guest_of);
    case v1::ClientFrame::kFetchManifests: return fetch_manifests(connection, frame, *connection.guest_of);
    case v1::ClientFrame::kSendLink: return send_link(connection, frame);
    case v1::ClientFrame::kCloseLink: return close_link(connection, frame);
    case v1::ClientFrame::kPublishManifest: return publish_manifest(connection, frame, *connection.guest_of);
    case v1::ClientFrame::kFetchTreeHead: return fetch_tree_head(connection, frame);
    case v1::ClientFrame::kFetchConsistency: return fetch_consistency(connection, frame);
    case v1::ClientFrame::kFetchEntries: return fetch_entries(connection, frame);
    case v1::ClientFrame::kFetchMutations: return fetch_mutations(connection, frame);
    case v1::ClientFrame::kSubmitCosignature: return submit_cosignature(connection, frame);
    default: SOTTO_CHECK(false);
  }
}

void Core::refuse(const Connection& connection, std::uint64_t request_id, transparency_log::LogError error) {
  refuse(connection, request_id, wire_code(error), transparency_log::describe(error), retry_after(error));
}

void Core::look_up(Connection& connection, const v1::ClientFrame& frame, const AccountId& asker) {
  const auto answer = directory_.look_up(asker, frame.look_up(), now_);
  if (!answer) return refuse(connection, frame.request_id(), answer.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  transparency::to_wire(*answer, *out.mutable_lookup_answer());
  send(connection, out);
}

void Core::fetch_tree_head(const Connection& connection, const v1::ClientFrame& frame) {
  const v1::FetchTreeHead& request = frame.fetch_tree_head();
  const auto head = request.cosigned() ? log_->cosigned_head() : log_->head();
  if (!head) return refuse(connection, frame.request_id(), head.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  transparency::to_wire(*head, *out.mutable_tree_head()->mutable_head());
  const std::uint64_t size = head->head.size;
  if (request.known_size() > 0 && request.known_size() < size) {
    const auto path = log_->consistency(request.known_size(), size);
    if (!path) return refuse(connection, frame.request_id(), path.error());
    out.mutable_tree_head()->set_consistency(wire::field(transparency::to_field(*path)));
  }
  send(connection, out);
}

void Core::fetch_consistency(Connection& connection, const v1::ClientFrame& frame) {
  const v1::FetchConsistency& request = frame.fetch_consistency();
  if (request.first_size() == 0 || request.first_size() > request.second_size()) {
    return malformed(connection, frame.request_id(),
                     "the first size is 1 or larger and not above the second");
  }
  const auto path = log_->consistency(request.first_size(), request.second_size());
  if (!path) return refuse(connection, frame.request_id(), path.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  out.mutable_consistency()->set_path(wire::field(transparency::to_field(*path)));
  send(connection, out);
}

void Core::fetch_entries(const Connection& connection, const v1::ClientFrame& frame) {
  const auto entries = log_->entries(frame.fetch_entries().first_epoch());
  if (!entries) return refuse(connection, frame.request_id(), entries.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  for (const transparency::Entry& entry : *entries) {
    out.mutable_entries()->add_entries(wire::field(entry.encoded()));
  }
  send(connection, out);
}

void Core::fetch_mutations(Connection& connection, const v1::ClientFrame& frame) {
  const v1::FetchMutations& request = frame.fetch_mutations();
  const auto page = log_->mutations(request.epoch(), request.page());
  if (!page && page.error() == transparency_log::LogError::out_of_range && request.epoch() < log_->size()) {
    return malformed(connection, frame.request_id(), "this epoch has fewer pages");
  }
  if (!page) return refuse(connection, frame.request_id(), page.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  out.mutable_mutations()->set_mutations(wire::field(transparency::encode(page->mutations)));
  out.mutable_mutations()->set_more(page->more);
  send(connection, out);
}

void Core::submit_cosignature(Connection& connection, const v1::ClientFrame& frame) {
  const auto head = transparency::TreeHead::parse(wire::octets(frame.submit_cosignature().head()));
  const auto cosignature = transparency::from_wire(frame.submit_cosignature().cosignature());
  if (!head || !cosignature) return malformed(connection, frame.request_id(), "no head or no cosignature");
  const auto added = log_->add_cosignature(*head, *cosignature);
  if (!added) return refuse(connection, frame.request_id(), added.error());
  v1::ServerFrame out;
  out.set_request_id(frame.request_id());
  out.mutable_done();
  send(connection, out);
}

}  // namespace sotto::server
