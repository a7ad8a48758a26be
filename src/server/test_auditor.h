// For tests: following the log through the protocol, as an auditor does.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "sotto/v1/stream.pb.h"
#include "transparency/auditor.h"
#include "transparency/contact.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::server::testing {

/// The keys of the log as a Welcome names them.
inline transparency::LogKeys log_keys(const v1::Welcome& welcome) {
  return {crypto::HybridPublicKey::decode(wire::octets(welcome.server_identity())).value(),
          crypto::VrfPublicKey::decode(wire::octets(welcome.log_vrf_key())).value()};
}

/// A connection as the auditor sees it: `ask` sends a v1::ClientFrame and returns the answer.
template <typename Ask>
std::vector<transparency::Mutation> fetch_mutations(const Ask& ask, std::uint64_t epoch) {
  std::vector<transparency::Mutation> out;
  bool more = true;
  for (std::uint32_t page = 0; more; ++page) {
    v1::ClientFrame frame;
    frame.mutable_fetch_mutations()->set_epoch(epoch);
    frame.mutable_fetch_mutations()->set_page(page);
    const v1::ServerFrame answer = ask(frame);
    EXPECT_TRUE(answer.has_mutations()) << answer.ShortDebugString();
    const auto part = transparency::parse_mutations(wire::octets(answer.mutations().mutations()));
    if (!answer.has_mutations() || !part) break;
    out.insert(out.end(), part->begin(), part->end());
    more = answer.mutations().more();
  }
  return out;
}

/// Follows everything up to the newest head and admits that; every epoch has to verify.
template <typename Ask>
void follow_log(transparency::Auditor& auditor, const Ask& ask, UnixMs now) {
  v1::ClientFrame question;
  question.mutable_fetch_tree_head();
  const v1::ServerFrame newest = ask(question);
  const auto head = transparency::from_wire(newest.tree_head().head());
  ASSERT_TRUE(head.has_value()) << newest.ShortDebugString();
  while (auditor.size() < head->head.size) {
    v1::ClientFrame frame;
    frame.mutable_fetch_entries()->set_first_epoch(auditor.size());
    const v1::ServerFrame answer = ask(frame);
    ASSERT_GT(answer.entries().entries_size(), 0) << answer.ShortDebugString();
    for (const auto& octets : answer.entries().entries()) {
      if (auditor.size() == head->head.size) break;
      const auto entry = transparency::Entry::parse(wire::octets(octets));
      ASSERT_TRUE(entry);
      const auto followed = auditor.follow(*entry, fetch_mutations(ask, entry->epoch));
      ASSERT_TRUE(followed) << entry->epoch << ": " << transparency::describe(followed.error());
    }
  }
  const auto admitted = auditor.admit(*head, now);
  ASSERT_TRUE(admitted) << transparency::describe(admitted.error());
}

/// Looks a handle up and verifies the answer as a client with this view; nothing is pinned.
template <typename Ask>
transparency::TransparencyResult<transparency::ContactStates> look_up(transparency::LogView& view,
                                                                      const Ask& ask,
                                                                      const std::string& handle, UnixMs now) {
  v1::ClientFrame frame;
  frame.mutable_look_up()->set_handle(handle);
  frame.mutable_look_up()->set_known_size(view.known_size());
  const v1::ServerFrame answer = ask(frame);
  EXPECT_TRUE(answer.has_lookup_answer()) << answer.ShortDebugString();
  SOTTO_TRY(const auto octets, transparency::from_wire(answer.lookup_answer()));
  return transparency::verify_contact(view, handle, octets, [](const auto&) { return std::nullopt; }, now);
}

}  // namespace sotto::server::testing
