// Asks the server for what OctetMover wants to be asked, one request at a time over plain HTTP, for as long
// as the store has something to move, and clears the folder of what nobody needs. Internal to the runtime.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "client/attachments/octet_mover.h"
#include "client/core.h"
#include "clock/clock.h"
#include "transport/http_client.h"

namespace sotto::client {

class TransferRunner {
 public:
  using Perform = std::function<void(store::StoreResult<Effects>)>;

  /// Everything must outlive the runner. `perform` takes what the core makes of what happened.
  TransferRunner(boost::asio::io_context& context, Core& core, AttachmentFolder folder, Perform perform);
  TransferRunner(const TransferRunner&) = delete;
  TransferRunner& operator=(const TransferRunner&) = delete;

  /// Begins the next request if there is one and none is running. Cheap; to be called often.
  void work();
  /// Nothing is being asked.
  [[nodiscard]] bool idle() const { return !mover_.asking(); }

 private:
  void sweep();
  bool make_client();
  void ask(BlobAsk request);
  void answered(const transport::HttpOutcome& outcome);
  void tell(const OctetMover::Input& input);

  boost::asio::io_context& context_;
  Core& core_;
  AttachmentFolder folder_;
  OctetMover mover_;
  Perform perform_;
  SystemClock clock_;
  std::unique_ptr<transport::HttpClient> client_;
  std::optional<UnixMs> swept_;
};

}  // namespace sotto::client
