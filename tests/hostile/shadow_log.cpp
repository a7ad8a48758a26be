#include "shadow_log.h"

#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::hostile {
namespace {

using transparency::Label;

transparency::testing::TestKeys keys_of(Stage& stage) {
  transparency::testing::TestKeys keys(stage.random());
  keys.identity = crypto::HybridPrivateKey::from_seed(stage.keys().identity.seed()).value();
  keys.vrf = crypto::VrfPrivateKey::from_scalar(stage.keys().vrf.scalar().clone()).value();
  return keys;
}

}  // namespace

ShadowLog::ShadowLog(Stage& stage) : stage_(stage), keys_(keys_of(stage)), log_(keys_, stage.random()) {
  stage_.op.to_server = [this](Person& from, v1::ClientFrame frame) {
    return to_server(from, std::move(frame));
  };
  stage_.op.to_device = [this](Person& to, v1::ServerFrame frame) { return to_device(to, std::move(frame)); };
}

void ShadowLog::set(const Label& label, Bytes value) {
  log_.set(label, std::move(value));
  log_.close(stage_.now);
}

void ShadowLog::rewrite(const Label& label, Bytes value, std::uint64_t version) {
  log_.set_version(label, std::move(value), version);
  log_.close(stage_.now);
}

void ShadowLog::grow() { set(Label::handle("nobody"), Bytes(16, 1)); }

ClientFrames ShadowLog::to_server(Person& from, v1::ClientFrame frame) {
  mirror(frame);
  if (shown_to_.contains(from.name()) &&
      (frame.has_look_up() || frame.has_fetch_tree_head() || frame.has_fetch_consistency())) {
    questions_[{&from, frame.request_id()}] = frame;
  }
  return {std::move(frame)};
}

ServerFrames ShadowLog::to_device(Person& to, v1::ServerFrame frame) {
  const auto question = questions_.extract({&to, frame.request_id()});
  if (question.empty()) return {std::move(frame)};
  return {answer(question.mapped())};
}

void ShadowLog::log_manifest(const v1::SignedManifest& manifest) {
  const auto parsed = identity::parse_manifest(wire::octets(manifest.manifest()));
  const transparency::AccountBinding binding{parsed->account_key.fingerprint(),
                                             crypto::sha384(wire::octets(manifest.manifest()))};
  log_.set(Label::account(parsed->account), binding.encoded());
}

void ShadowLog::mirror(const v1::ClientFrame& frame) {
  if (frame.has_register_()) {
    log_manifest(frame.register_().manifest());
    set(Label::handle(frame.register_().handle()), to_bytes(wire::octets(frame.register_().account())));
  } else if (frame.has_publish_manifest()) {
    log_manifest(frame.publish_manifest().manifest());
    log_.close(stage_.now);
  }
}

v1::ServerFrame ShadowLog::answer(const v1::ClientFrame& request) const {
  v1::ServerFrame out;
  out.set_request_id(request.request_id());
  if (request.has_look_up()) {
    std::vector<Label> labels;
    if (request.look_up().has_handle()) {
      labels.push_back(Label::handle(request.look_up().handle()));
      const auto owner = transparency::parse_handle_value(log_.prove(labels[0]).opening.value);
      if (owner && *owner) labels.push_back(Label::account(**owner));
    } else {
      labels.push_back(Label::account(*identity::AccountId::from(wire::octets(request.look_up().account()))));
    }
    transparency::to_wire(log_.answer(labels, request.look_up().known_size(), stage_.now),
                          *out.mutable_lookup_answer());
    return out;
  }
  if (request.has_fetch_tree_head()) {
    transparency::to_wire(log_.head(stage_.now), *out.mutable_tree_head()->mutable_head());
    const std::uint64_t known = request.fetch_tree_head().known_size();
    if (known > 0 && known < log_.tree.size()) {
      out.mutable_tree_head()->set_consistency(
          wire::field(transparency::to_field(log_.tree.consistency(known, log_.tree.size()))));
    }
    return out;
  }
  const auto& sizes = request.fetch_consistency();
  if (sizes.second_size() > log_.tree.size()) {
    out.mutable_error()->set_code(v1::Error::LOG_NOT_READY);
    out.mutable_error()->set_retry_after_ms(1000);
  } else {
    out.mutable_consistency()->set_path(
        wire::field(transparency::to_field(log_.tree.consistency(sizes.first_size(), sizes.second_size()))));
  }
  return out;
}

}  // namespace sotto::hostile
