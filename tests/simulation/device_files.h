// The folder of files of one simulated device: what lies beside its database on the same disk, with the same
// faults. A write is there when it returns; one that the death of the process interrupts is there in part.
#pragma once

#include <map>
#include <optional>

#include "client/attachments/folder.h"
#include "options.h"

namespace sotto::simulation {

class DeviceFiles final : public client::StoredOctets {
 public:
  using Contents = std::map<attachments::FileId, Bytes>;

  [[nodiscard]] client::FileResult<Bytes> read(const attachments::FileId& file, std::uint64_t offset,
                                               std::size_t length) const override;
  [[nodiscard]] client::FileResult<void> write(const attachments::FileId& file, std::uint64_t offset,
                                               ByteView octets) override;

  /// As AttachmentFolder::seal, of a file in memory. Errors: too_large, unwritable, disk_full.
  client::FileResult<client::AttachmentFolder::Sealed> seal(const attachments::FileKeys& keys,
                                                            ByteView octets);
  /// The whole file, decrypted and checked. Errors: unreadable, damaged.
  [[nodiscard]] client::FileResult<Bytes> open(const attachments::FileKeys& keys,
                                               const attachments::Shape& shape,
                                               const attachments::TagsHash& tags_hash) const;

  void set_fault(DiskFault fault) { fault_ = fault; }
  /// The process died while it wrote the last time: only the first `kept` octets of that are there.
  void tear_last_write(std::size_t kept);
  /// Its length.
  [[nodiscard]] std::size_t last_write() const { return last_ ? last_->length : 0; }
  /// How often something was written.
  [[nodiscard]] std::uint64_t writes() const { return writes_; }

  [[nodiscard]] const Contents& contents() const { return contents_; }
  void restore(Contents contents);

 private:
  struct Write {
    attachments::FileId file{};
    Bytes before;  ///< the whole file
    std::uint64_t offset = 0;
    std::size_t length = 0;
  };

  Contents contents_;
  std::optional<Write> last_;
  std::uint64_t writes_ = 0;
  DiskFault fault_ = DiskFault::none;
};

}  // namespace sotto::simulation
