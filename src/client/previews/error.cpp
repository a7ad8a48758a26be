#include "client/previews/error.h"

namespace sotto::client {

std::string_view describe(PreviewError error) {
  switch (error) {
    case PreviewError::bad_url: return "only pages at https:// addresses are asked";
    case PreviewError::private_address:
      return "its address is of this machine or of a private network, which is asked only if you say so";
    case PreviewError::unreachable: return "its server cannot be reached, or is not who it says it is";
    case PreviewError::refused: return "its server gave no page";
    case PreviewError::too_many_redirects: return "its server sends elsewhere again and again";
    case PreviewError::not_a_page: return "there is something else than a page";
    case PreviewError::too_large: return "the page is too large";
    case PreviewError::no_title: return "the page does not say what it is called";
    case PreviewError::timed_out: return "its server takes too long";
    case PreviewError::busy: return "another preview is being made; try again in a moment";
  }
  return "unknown error";
}

v1::Problem preview_problem(std::string_view why, std::string_view url) {
  v1::Problem problem;
  problem.set_code(noted(v1::Problem::PREVIEW_FAILED));
  problem.set_detail("the message goes without a preview of the page: " + std::string(why));
  problem.set_subject(std::string(url));
  return problem;
}

}  // namespace sotto::client
