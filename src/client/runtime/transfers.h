// Moves the octets of files between the profile's folder and the server, one request at a time, for as long
// as the store has something to move. What became of each request goes into the core, so that a process
// killed anywhere goes on with the next one. Internal to the runtime.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "client/attachments/folder.h"
#include "client/attachments/records.h"
#include "client/core.h"
#include "clock/clock.h"
#include "transport/http_client.h"

namespace sotto::client {

class TransferRunner {
 public:
  using Perform = std::function<void(store::StoreResult<Effects>)>;

  /// Everything must outlive the runner. `perform` takes what the core makes of what happened.
  TransferRunner(boost::asio::io_context& context, Core& core, AttachmentFolder folder, Perform perform);

  /// Begins the next request if there is one and none is running. Cheap; to be called often.
  void work();
  /// Nothing is being asked.
  [[nodiscard]] bool idle() const { return !running_; }

 private:
  void sweep();
  void upload(const FileRow& file);
  void on_written(const FileKey& key, const transport::HttpOutcome& outcome);
  void download(const FileRow& file);
  void fetch_tags(const FileRow& file);
  void fetch_chunks(const FileRow& file);
  FileResult<void> take_chunks(const FileRow& file, Bytes octets);
  void on_fetched(const FileKey& key, const transport::HttpOutcome& outcome,
                  const std::function<FileResult<void>(const FileRow&, const Bytes&)>& take);

  bool make_client();
  void ask(transport::HttpAsk request, std::function<void(const transport::HttpOutcome&)> done);
  /// The reason why nothing came of a request. True: it was one.
  bool failed(const FileKey& key, const transport::HttpOutcome& outcome);
  void pause(DurationMs least);
  void command(const std::function<void(Work&)>& body);
  void give_up(const FileKey& key, std::string_view reason);

  boost::asio::io_context& context_;
  Core& core_;
  AttachmentFolder folder_;
  Perform perform_;
  SystemClock clock_;
  std::unique_ptr<transport::HttpClient> client_;
  std::optional<FileKey> tags_of_;  ///< whose list of tags is in memory
  std::optional<attachments::TagList> tags_;
  bool running_ = false;
  std::uint32_t failures_ = 0;  ///< in a row
  std::optional<UnixMs> not_before_;
  std::optional<UnixMs> swept_;
};

}  // namespace sotto::client
