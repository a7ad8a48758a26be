#include "server/metrics_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "sotto/v1/stream.pb.h"

namespace sotto::server {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class Page {
 public:
  void gauge(std::string name, std::string help, std::size_t value) {
    ClientMetric metric;
    metric.gauge.value = static_cast<double>(value);
    families_.push_back({"sottod_" + name, std::move(help), MetricType::Gauge, {std::move(metric)}});
  }
  void counter(std::string name, std::string help, std::uint64_t value) {
    labelled(std::move(name), std::move(help), "", {{"", value}});
  }
  void labelled(std::string name, std::string help, const std::string& label,
                const std::vector<std::pair<std::string, std::uint64_t>>& values) {
    MetricFamily family{"sottod_" + name + "_total", std::move(help), MetricType::Counter, {}};
    for (const auto& [text, value] : values) {
      ClientMetric metric;
      if (!label.empty()) metric.label.push_back({label, text});
      metric.counter.value = static_cast<double>(value);
      family.metric.push_back(std::move(metric));
    }
    families_.push_back(std::move(family));
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

void add_requests(Page& page, const Counts& core) {
  std::vector<std::pair<std::string, std::uint64_t>> kinds;
  for (std::size_t i = 0; i < core.requests.size(); ++i) {
    const auto* field = v1::ClientFrame::descriptor()->FindFieldByNumber(static_cast<int>(i));
    if (i == 0)
      kinds.emplace_back("unknown", core.requests[i]);
    else if (field != nullptr && field->containing_oneof() != nullptr) {
      kinds.emplace_back(field->name(), core.requests[i]);
    }
  }
  page.labelled("requests", "requests by kind", "kind", kinds);
  std::vector<std::pair<std::string, std::uint64_t>> codes;
  for (std::size_t i = 1; i < core.errors.size(); ++i) {
    const std::string& name = v1::Error::Code_Name(static_cast<v1::Error::Code>(i));
    if (!name.empty()) codes.emplace_back(name, core.errors[i]);
  }
  page.labelled("errors", "requests answered with an error, by code", "code", codes);
}

void add_relay(Page& page, const relay::RelayCounts& relay) {
  page.counter("envelopes_accepted", "envelopes made durable", relay.accepted);
  page.labelled("submissions_refused", "device lists of submissions cut short, by reason", "reason",
                {{"mailbox_full", relay.refused_full},
                 {"too_large", relay.refused_too_large},
                 {"storage", relay.refused_storage},
                 {"overloaded", relay.refused_overloaded}});
  page.counter("stale_manifests", "submissions to an account with a stale manifest", relay.stale_targets);
  page.counter("envelopes_pushed", "envelopes pushed to devices, repeats included", relay.pushed);
  page.counter("envelopes_acknowledged", "envelopes acknowledged by devices", relay.acknowledged);
  page.counter("envelopes_expired", "envelopes dropped unread by age", relay.expired);
  page.counter("mailbox_loads", "mailboxes read from the database", relay.loads);
  page.gauge("mailboxes_in_memory", "mailboxes in memory", relay.mailboxes);
}

void add_blobs(Page& page, const blobs::BlobCounts& blobs) {
  page.counter("blobs_created", "blobs opened", blobs.created);
  page.counter("blobs_completed", "blobs whose last octet came", blobs.completed);
  page.counter("blobs_erased", "blobs that nobody kept any more", blobs.erased);
  page.counter("blob_octets_written", "octets of blobs made durable", blobs.octets_written);
  page.counter("blob_octets_read", "octets of blobs read", blobs.octets_read);
  page.labelled("blob_refusals", "blob requests refused, by reason", "reason",
                {{"no_such_blob", blobs.not_found},
                 {"quota", blobs.refused_quota},
                 {"disk_full", blobs.refused_space}});
  page.gauge("blobs", "blobs at the last walk over all", blobs.last_round.blobs);
  page.gauge("blob_octets", "octets of blobs at the last walk over all", blobs.last_round.octets);
  page.gauge("blobs_damaged", "records of blobs that do not decode, at the last walk over all",
             blobs.last_round.damaged);
}

void add_log(Page& page, const LogCounts& log) {
  page.counter("log_epochs", "epochs in the transparency log", log.epochs);
  page.counter("log_cosigned_epochs", "size of the newest head that a witness cosigned", log.cosigned_epochs);
  page.gauge("log_waiting_changes", "changes of the directory that wait for an epoch", log.waiting);
  page.gauge("log_head_age_seconds", "age of the newest signed head", log.head_age.value / 1000);
  page.gauge("log_ready", "1 once the log is recovered and requests are answered", log.ready ? 1 : 0);
  page.gauge("log_stalled", "1 while the log cannot be written", log.stalled ? 1 : 0);
}

void add_sms(Page& page, const gateway::TextMessages::Counts& sms) {
  page.labelled("texts", "text messages, by what became of them", "outcome",
                {{"accepted", sms.accepted},
                 {"delivered", sms.delivered},
                 {"failed", sms.failed},
                 {"received", sms.received},
                 {"unroutable", sms.unroutable}});
  page.gauge("texts_waiting", "text messages that wait for the gateway", sms.waiting);
}

void add_listener(Page& page, const transport::ListenerCounts& listener) {
  page.gauge("sockets", "open sockets", listener.connections);
  page.gauge("handshakes", "TLS handshakes in flight", listener.handshakes);
  page.counter("sockets_accepted", "sockets accepted", listener.accepted);
  page.counter("sockets_refused", "sockets refused because there are too many", listener.refused);
  page.counter("accept_failures", "accepts that failed for want of descriptors or memory",
               listener.accept_failures);
  page.counter("http_requests", "plain HTTP requests", listener.http_requests);
  std::vector<std::pair<std::string, std::uint64_t>> ends;
  for (std::size_t i = 0; i < listener.ended.size(); ++i) {
    ends.emplace_back(transport::describe(static_cast<transport::TransportError>(i)), listener.ended[i]);
  }
  page.labelled("connections_ended", "connections ended, by reason", "reason", ends);
}

}  // namespace

std::string metrics_text(const Counts& core, const transport::ListenerCounts& listener) {
  Page page;
  page.gauge("connections", "open streams", core.connections);
  page.gauge("connected_devices", "authenticated devices", core.authenticated);
  page.gauge("requests_in_flight", "requests whose answers wait for the database", core.requests_in_flight);
  page.gauge("remembered_addresses", "addresses with an allowance, in memory only",
             core.remembered_addresses);
  page.gauge("remembered_devices", "devices with an allowance, in memory only", core.remembered_devices);
  page.counter("frames_received", "frames received", core.frames_received);
  page.counter("received_octets", "octets of frames received", core.octets_received);
  page.counter("frames_sent", "frames sent", core.frames_sent);
  page.counter("sent_octets", "octets of frames sent", core.octets_sent);
  page.labelled("authentications", "authentications, by outcome", "outcome",
                {{"accepted", core.authentications}, {"failed", core.authentications_failed}});
  page.labelled("streams_closed", "streams the server closed, by reason", "reason",
                {{"too_many", core.connections_refused},
                 {"replaced", core.connections_replaced},
                 {"revoked", core.connections_revoked},
                 {"not_authenticated", core.connections_expired}});
  page.counter("first_contacts_refused", "accounts told to wait before they write to somebody new",
               core.first_contacts_refused);
  add_requests(page, core);
  add_relay(page, core.relay);
  add_blobs(page, core.blobs);
  add_log(page, core.log);
  add_sms(page, core.sms);
  add_listener(page, listener);
  return page.text();
}

}  // namespace sotto::server
