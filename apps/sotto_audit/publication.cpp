#include "publication.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "bytes/hex.h"
#include "sotto/v1/transparency.pb.h"
#include "transparency/limits.h"
#include "transparency/wire_form.h"
#include "wire/decode.h"

namespace sotto::audit_cli {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using transport::HttpRequest;
using transport::HttpResponse;

class Page {
 public:
  void gauge(std::string name, std::string help, std::uint64_t value) {
    ClientMetric metric;
    metric.gauge.value = static_cast<double>(value);
    add(std::move(name), std::move(help), MetricType::Gauge, metric);
  }
  void counter(std::string name, std::string help, std::uint64_t value) {
    ClientMetric metric;
    metric.counter.value = static_cast<double>(value);
    add(name + "_total", std::move(help), MetricType::Counter, metric);
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  void add(const std::string& name, std::string help, MetricType type, const ClientMetric& metric) {
    families_.push_back({"sotto_audit_" + name, std::move(help), type, {metric}});
  }

  std::vector<MetricFamily> families_;
};

/// Why whoever watches should look; empty: all is well.
std::string trouble(const PublishedState& state, UnixMs now) {
  if (!state.alarm.empty()) return state.alarm;
  if (!state.head) return "no head of this log was found right yet\n";
  if (elapsed(state.head->head.time, now) > transparency::kMaxHeadAge) {
    return "the newest head that was found right is older than a day\n";
  }
  return {};
}

HttpResponse octets_response(ByteView octets) {
  return {.content_type = "application/x-protobuf", .body = std::string(as_chars(octets))};
}

HttpResponse head_response(const HttpRequest& request, const PublishedState& state) {
  if (!state.head) return {.status = 503, .body = "no head of this log was found right yet\n"};
  const bool json = request.path() == "/v1/head.json" ||
                    request.field("Accept").find("application/json") != std::string_view::npos;
  if (json) return {.content_type = "application/json", .body = head_json(*state.head) + "\n"};
  return octets_response(head_octets(*state.head));
}

}  // namespace

std::string head_json(const transparency::SignedTreeHead& head) {
  nlohmann::ordered_json out{{"log", to_hex(head.head.log)},
                             {"size", head.head.size},
                             {"root", to_hex(head.head.root)},
                             {"time_ms", head.head.time.value},
                             {"time", audit::utc_text(head.head.time)},
                             {"head", to_hex(head.head.encoded())},
                             {"signature", to_hex(head.signature)},
                             {"cosignatures", nlohmann::ordered_json::array()}};
  for (const auto& cosignature : head.cosignatures) {
    out["cosignatures"].push_back(
        {{"witness", to_hex(cosignature.witness.octets())}, {"signature", to_hex(cosignature.signature)}});
  }
  return out.dump();
}

Bytes head_octets(const transparency::SignedTreeHead& head) {
  v1::SignedTreeHead message;
  transparency::to_wire(head, message);
  return wire::encode(message);
}

std::string key_text(const crypto::HybridPublicKey& key) { return to_hex(key.encoded()); }

std::string metrics_text(const PublishedState& state, UnixMs now) {
  const audit::FollowerStatus& status = state.status;
  Page page;
  page.gauge("alarm", "1: the log broke its rules, or this auditor's files contradict it",
             state.alarm.empty() ? 0 : 1);
  page.gauge("connected", "1: connected to the server that is followed", status.greeted ? 1 : 0);
  page.gauge("entries", "entries of the log that were found right", status.followed);
  page.gauge("keys", "keys of the map", status.leaves);
  page.gauge("target_entries", "entries of the head that is being followed to; 0: nothing to do",
             status.target);
  page.gauge("head_entries", "entries of the newest head that was found right",
             state.head ? state.head->head.size : 0);
  page.gauge("head_age_seconds", "age of that head",
             state.head ? elapsed(state.head->head.time, now).value / 1000 : 0);
  page.counter("heads", "heads found right since the start", status.heads);
  page.counter("cosignatures_taken", "cosignatures that the server took", status.cosignatures_taken);
  page.counter("cosignatures_refused", "cosignatures that the server refused", status.cosignatures_refused);
  page.counter("connections_failed", "connections that failed or were given up", state.failures);
  return page.text();
}

HttpResponse publish(const HttpRequest& request, const PublishedState& state,
                     const crypto::HybridPublicKey* key, UnixMs now) {
  if (request.method != "GET" && request.method != "HEAD") return {.status = 405, .body = "GET only\n"};
  const std::string_view path = request.path();
  if (path == "/v1/head" || path == "/v1/head.json") return head_response(request, state);
  if (path == "/v1/key" && key != nullptr) return {.body = key_text(*key) + "\n"};
  if (path == "/v1/evidence" && !state.evidence.empty()) return octets_response(state.evidence);
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = metrics_text(state, now)};
  }
  if (path != "/healthz")
    return {.status = 404, .body = "see /v1/head, /v1/head.json, /v1/key, /healthz, /metrics\n"};
  const std::string wrong = trouble(state, now);
  if (!wrong.empty()) return {.status = 503, .body = wrong};
  return {.body = "ok\n"};
}

Outcome<transport::TcpEndpoint> parse_address(const std::string& text) {
  const Failure usage{ExitCode::usage, "--serve has to be ADDRESS:PORT, for example 127.0.0.1:9480"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return err(usage);
  transport::TcpEndpoint out{text.substr(0, colon), 0};
  if (out.host.front() == '[' && out.host.back() == ']') out.host = out.host.substr(1, out.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, out.port);
  if (parsed.ec != std::errc() || parsed.ptr != end || out.host.empty()) return err(usage);
  return out;
}

}  // namespace sotto::audit_cli
