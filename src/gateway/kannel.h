// Kannel's HTTP interfaces as octets: what is asked of smsbox, and what it calls back with (Kannel User's
// Guide, "Using the HTTP interface"). No sockets inside. docs/specs/gateway.md 4.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/text_messages.h"

namespace sotto::gateway {

/// smsbox, where texts are handed over.
struct KannelServer {
  std::string url;  ///< "http://host:port/cgi-bin/sendsms"
  std::string user;
  std::string password;
  std::string callbacks;  ///< where this server listens for it: "http://host:port"
};

struct KannelRequest {
  std::vector<std::string> fields;  ///< "Name: value"
  std::string body;
};

/// A text to be posted; with a reference, reports about it are asked for. Words travel in the body alone:
/// addresses are what programs write into their logs.
KannelRequest kannel_request(const KannelServer& server, const OutgoingSms& text, bool reports);

/// What an answer's status means.
HandOver kannel_result(long status);

/// Whom callbacks are taken from.
struct CallbackRules {
  std::string secret;
  std::vector<std::string> sources;  ///< addresses
};

/// A request as it came in. Views: valid during the call.
struct CallbackRequest {
  std::string_view source;
  std::string_view method;
  std::string_view target;
  std::string_view content_type;
  std::string_view body;
};

enum class CallbackError : std::uint8_t {
  wrong_source,
  wrong_secret,
  no_such_path,
  malformed,
  not_text,  ///< binary, or an alphabet that nobody promised
};
std::string_view describe(CallbackError error);

/// What Kannel says about a text that it was given.
struct KannelReport {
  SmsRef ref;
  SmsState state;
};
/// It was about neither: a report that says nothing new (the carrier holds it back), to be thanked for.
struct Nothing {};
using Callback = std::variant<IncomingSms, KannelReport, Nothing>;

inline constexpr std::size_t kMaxCallbackOctets = 16 * 1024;

Result<Callback, CallbackError> read_callback(const CallbackRequest& request, const CallbackRules& rules);

}  // namespace sotto::gateway
