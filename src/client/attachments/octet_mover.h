// Which octets of files move next between the folder and the server, and what the server's answers mean
// (docs/specs/blobs.md 3). Synchronous, like the core: its owner asks the server what this wants to be asked,
// brings the answer, and gives the core as inputs what this has to tell it. A process killed anywhere goes on
// with the next request. Not its concern: connections, and whether anybody is signed in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/attachments/folder.h"
#include "client/attachments/records.h"
#include "client/core/work.h"
#include "clock/clock.h"

namespace sotto::client {

/// One request over HTTP.
struct BlobAsk {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

struct BlobAnswer {
  unsigned status = 0;
  std::uint64_t upload_offset = 0;  ///< its field of that name
  DurationMs retry_after = {};
  Bytes body;
};

class OctetMover {
 public:
  /// To be run as one input of the core.
  using Input = std::function<void(Work&)>;
  /// One of the two, or neither: then there is nothing to do now.
  struct Step {
    std::optional<BlobAsk> ask;  ///< answered() is owed what comes
    Input tell;
  };

  /// What one request moves: what the server takes at once, whole pieces of blobs and chunks of files.
  static constexpr std::size_t kPartOctets = std::size_t{1} << 20;

  /// Both must outlive it. `part_octets`: 256 KiB, or a multiple of it up to kPartOctets.
  OctetMover(store::Database& database, StoredOctets& octets, std::size_t part_octets = kPartOctets);

  /// Precondition: nothing is being asked.
  Step next(UnixMs now);
  /// Empty `answer`: nothing came, and what was asked may have happened or not. What the core is to be told,
  /// if anything. Precondition: something is being asked.
  Input answered(const BlobAnswer* answer, UnixMs now);
  [[nodiscard]] bool asking() const { return asked_.has_value(); }
  /// Until then next() has nothing to do.
  [[nodiscard]] std::optional<UnixMs> paused_until() const { return paused_until_; }

 private:
  enum class Part : std::uint8_t { upload, tags, chunks };
  struct Asked {
    FileKey file;
    Part part;
  };

  bool pausing(UnixMs now);
  void pause(DurationMs least, UnixMs now);
  Step upload(const FileRow& file);
  Step download(const FileRow& file);
  Step ask(const FileRow& file, Part part, BlobAsk request);
  /// Octets `begin` to before `end`.
  Step fetch(const FileRow& file, Part part, std::uint64_t begin, std::uint64_t end);
  Input written(const FileKey& file, const BlobAnswer* answer, UnixMs now);
  Input fetched(const Asked& asked, const BlobAnswer* answer, UnixMs now);
  /// The reason why nothing came of a request, as the file's; no value: it came to something.
  std::optional<Input> failed(const FileKey& file, const BlobAnswer* answer, UnixMs now);
  FileResult<Input> take_tags(const FileRow& file, const Bytes& octets);
  FileResult<Input> take_chunks(const FileRow& file, const Bytes& octets);

  store::Database& database_;
  StoredOctets& octets_;
  std::size_t part_octets_;
  std::optional<Asked> asked_;
  std::optional<attachments::TagsHash> tags_of_;  ///< whose list is in memory
  std::optional<attachments::TagList> tags_;
  std::uint32_t failures_ = 0;  ///< in a row
  std::optional<UnixMs> paused_until_;
};

}  // namespace sotto::client
