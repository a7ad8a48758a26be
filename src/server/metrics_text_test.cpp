#include "server/metrics_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sotto/v1/stream.pb.h"

namespace sotto::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(MetricsTextTest, NamesRequestsAndErrorsAsTheProtocolDoes) {
  Counts counts;
  counts.authenticated = 3;
  counts.requests[v1::ClientFrame::kSubmit] = 7;
  counts.requests[0] = 1;
  counts.errors[v1::Error::RATE_LIMITED] = 2;
  counts.relay.accepted = 9;
  counts.blobs.completed = 11;
  counts.first_contacts_refused = 13;
  counts.blobs.refused_space = 12;
  counts.log.epochs = 5;
  counts.log.waiting = 6;
  counts.log.head_age = seconds(8);
  counts.log.stalled = true;
  transport::ListenerCounts listener;
  listener.ended[static_cast<std::size_t>(transport::TransportError::slow_consumer)] = 4;
  const std::string text = metrics_text(counts, listener);
  EXPECT_THAT(text, HasSubstr("sottod_connected_devices 3"));
  EXPECT_THAT(text, HasSubstr("sottod_requests_total{kind=\"submit\"} 7"));
  EXPECT_THAT(text, HasSubstr("sottod_requests_total{kind=\"unknown\"} 1"));
  EXPECT_THAT(text, HasSubstr("sottod_errors_total{code=\"RATE_LIMITED\"} 2"));
  EXPECT_THAT(text, HasSubstr("sottod_envelopes_accepted_total 9"));
  EXPECT_THAT(text, HasSubstr("sottod_connections_ended_total{reason=\"slow_consumer\"} 4"));
  EXPECT_THAT(text, HasSubstr("sottod_log_epochs_total 5"));
  EXPECT_THAT(text, HasSubstr("sottod_log_waiting_changes 6"));
  EXPECT_THAT(text, HasSubstr("sottod_log_head_age_seconds 8"));
  EXPECT_THAT(text, HasSubstr("sottod_log_stalled 1"));
  EXPECT_THAT(text, HasSubstr("sottod_first_contacts_refused_total 13"));
  EXPECT_THAT(text, HasSubstr("sottod_blobs_completed_total 11"));
  EXPECT_THAT(text, HasSubstr("sottod_blob_refusals_total{reason=\"disk_full\"} 12"));
  EXPECT_THAT(text, HasSubstr("sottod_errors_total{code=\"NO_SUCH_BLOB\"} 0"));
  EXPECT_THAT(text, Not(HasSubstr("code=\"\"")));
  EXPECT_THAT(text, Not(HasSubstr("request_id")));
}

TEST(CountsTest, HaveRoomForEveryRequestAndErrorOfTheProtocol) {
  const auto* requests = v1::ClientFrame::descriptor();
  for (int i = 0; i < requests->field_count(); ++i) {
    EXPECT_LT(static_cast<std::size_t>(requests->field(i)->number()), kRequestKinds);
  }
  EXPECT_LT(static_cast<std::size_t>(v1::Error::Code_MAX), kErrorCodes);
}

}  // namespace
}  // namespace sotto::server
