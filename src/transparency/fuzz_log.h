// The one log that fuzz targets and their corpora know: made from fixed seeds, so the same in every run.
#pragma once

#include "transparency/test_log.h"

namespace sotto::transparency {

struct FuzzLog {
  FuzzLog() {
    for (std::uint8_t i = 0; i < 5; ++i) {
      log.set(Label::handle("user" + std::to_string(i)), handle_value(testing::account(i)));
      log.close(testing::kNow);
    }
    head = log.head(testing::kNow).head;
    const auto answer = log.answer({present, absent}, 0, testing::kNow);
    const auto states =
        verify_labels(keys.vrf.public_key(), answer, std::vector<Question>{{present}, {absent}});
    SOTTO_CHECK(states);
    present_state = states->at(0);
    absent_state = states->at(1);
  }

  crypto::DeterministicRandom random{1};
  testing::TestKeys keys{random};
  testing::TestLog log{keys, random};
  Label present = Label::handle("user1");
  Label absent = Label::handle("nobody");
  TreeHead head;
  LabelState present_state;
  LabelState absent_state;
};

}  // namespace sotto::transparency
