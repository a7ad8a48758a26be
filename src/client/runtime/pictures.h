// Lets the sandbox look at files and pictures of previews that came, one at a time and beside everything
// else, for as long as the store has one to look at. What came of it goes into the core. Internal to the
// runtime, but for what senders need: a thumbnail of an own picture.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/attachments/folder.h"
#include "client/core.h"
#include "client/pictures/records.h"
#include "client/previews/records.h"
#include "clock/clock.h"
#include "media/quarantine.h"
#include "media/sandbox.h"

namespace sotto::client {

class PictureRunner {
 public:
  using Perform = std::function<void(store::StoreResult<Effects>)>;

  /// `program`: the path of sotto-media. Everything must outlive the runner. `perform` takes what the core
  /// makes of what was seen.
  PictureRunner(boost::asio::io_context& context, Core& core, crypto::RandomSource& random,
                AttachmentFolder folder, std::string program, Perform perform);
  /// Waits for the sandbox, which answers within its own limits.
  ~PictureRunner();
  PictureRunner(const PictureRunner&) = delete;
  PictureRunner& operator=(const PictureRunner&) = delete;

  /// Begins with the next file if there is one and none is looked at. Cheap; to be called often.
  void work();
  [[nodiscard]] bool idle() const { return !running_; }

 private:
  struct Job;
  void look_at_file(UncheckedFile unchecked);
  void look_at_preview(UncheckedPreview unchecked);
  /// `see` runs on the worker, then `take` on the loop unless the profile was closed meanwhile.
  template <typename See, typename Take>
  void offload(See see, Take take);
  /// On the worker: nothing but the job, the folder and the sandbox may be used.
  Looked look(Job& job, UnixMs now);
  Looked clean_up(Job& job, ByteView picture, UnixMs now);
  Bytes clean_preview(const UncheckedPreview& preview, const std::string& classifier);
  void tell(const std::function<void(Work&)>& body);

  boost::asio::io_context& context_;
  Core& core_;
  crypto::RandomSource& random_;
  AttachmentFolder folder_;
  media::Sandbox sandbox_;  ///< the worker's
  Perform perform_;
  SystemClock clock_;
  bool running_ = false;
  std::unique_ptr<boost::asio::thread_pool> worker_;            ///< once there is something to look at
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< for what was seen and still waits
};

/// The path of sotto-media, which lies beside the program that is running.
std::string media_program();

/// What a failure of the sandbox means for a file of which this is known: a later try, quarantine, or nothing
/// that a try would change.
Looked looked_in_vain(const media::QuarantineRecord& before, media::MediaError error, UnixMs now);

/// The JPEG that travels with an own picture. Empty where the sandbox cannot make one: the picture goes
/// without.
Bytes thumbnail_of(media::Sandbox& sandbox, ByteView picture);

}  // namespace sotto::client
