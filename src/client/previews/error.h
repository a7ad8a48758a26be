// Why there is no preview of a page.
#pragma once

#include <cstdint>
#include <string_view>

#include "result/result.h"
#include "sotto/v1/client_api.pb.h"
#include "sotto/v1/content.pb.h"

namespace sotto::client {

enum class PreviewError : std::uint8_t {
  bad_url,          ///< not https://, or longer than an address may be
  private_address,  ///< of this machine, or of a network that is nobody else's
  unreachable,      ///< no such host, nobody there, no TLS, or another one's certificate
  refused,          ///< the page's server answered with something else than a page
  too_many_redirects,
  not_a_page,  ///< no HTML
  too_large,
  no_title,   ///< it says nothing of itself
  timed_out,  ///< all of it takes too long
  busy,       ///< another preview is being made
};
std::string_view describe(PreviewError error);

using PreviewOutcome = Result<v1::LinkPreview, PreviewError>;

/// What the user is told: the message goes without one.
v1::Problem preview_problem(std::string_view why, std::string_view url);

}  // namespace sotto::client
