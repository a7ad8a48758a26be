// Telling the operator about somebody (docs/specs/requests.md 7): what goes is what the user was shown. It is
// kept until the server has it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/conversations/error.h"
#include "client/core/work.h"
#include "result/result.h"
#include "sotto/v1/client_api.pb.h"

namespace sotto::client {

struct ReportWish {
  std::string why = {};
  std::vector<std::string> messages = {};  ///< ids of theirs, whose text goes along; none: nothing they said
  bool keep = false;                       ///< does not block them
};

/// What a report about who a conversation is with could have: their newest messages. Errors: not_registered,
/// no_conversation, not_a_person.
Result<v1::Report, ComposeError> preview_report(Work& work, std::string_view conversation);
/// The report goes with this connection or the next; a newer one about the same account takes its place.
/// Blocks them. Errors: those of preview_report and named_message, bad_report.
Result<v1::Report, ComposeError> report_person(Work& work, std::string_view conversation,
                                               const ReportWish& wish);

/// Those that wait.
void send_reports(Work& work);
/// What became of one that was made. The last refusals are kept until the next report.
struct ReportStanding {
  bool sent = false;
  std::string refusal = {};  ///< the server will not take it, and why; empty: it has it, or will
};
ReportStanding report_standing(store::Database& database, const v1::Report& report);
void on_report_taken(Work& work, const Request& request);
void on_report_refused(Work& work, const Request& request, const v1::Error& error);

}  // namespace sotto::client
