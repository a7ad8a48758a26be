#include "page.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "client/runtime/pictures.h"
#include "client/runtime/previews.h"

namespace sotto::cli {

client::PreviewOutcome ask_page(const std::string& url, bool private_addresses) {
  boost::asio::io_context loop;
  const auto waiting = boost::asio::make_work_guard(loop);  // the sandbox is at work elsewhere
  client::PreviewFetcher fetcher(loop, client::media_program());
  std::optional<client::PreviewOutcome> outcome;
  fetcher.fetch(url, private_addresses,
                [&outcome](client::PreviewOutcome made) { outcome = std::move(made); });
  while (!outcome) loop.run_one();
  return *std::move(outcome);
}

}  // namespace sotto::cli
