// An own file on its way into a message: taken piece by piece, encrypted into the profile as it comes, and
// without metadata if it is a picture. Whoever has it from a disk or a socket reads it here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/api/failure.h"
#include "client/attachments/folder.h"
#include "client/attachments/records.h"
#include "crypto/random.h"

namespace sotto::client::api {

/// What own files go into a profile with.
struct Sealing {
  crypto::RandomSource& random;
  const AttachmentFolder& folder;
  /// The JPEG that travels with a picture, empty where none can be made; no function: none is.
  std::function<Bytes(ByteView picture)> thumbnail;
};

struct IncomingFile {
  std::string name;   ///< what recipients see
  std::string about;  ///< what errors call it
  bool keep_metadata = false;
  std::optional<std::uint64_t> size;  ///< where it is known before: room is taken for it at once
};

struct IntakeFailure {
  Failure failure;
  std::optional<FileError> cause;  ///< where it was the folder that failed
};

template <typename T>
using IntakeResult = Result<T, IntakeFailure>;

/// In memory are a chunk and the file's tags; a picture whose metadata is taken out is there whole, at most
/// picture_metadata::kMaxPictureOctets of it, while finish() runs. Blocking; any thread, one at a time.
/// Leaves nothing behind unless it was finished.
class FileIntake {
 public:
  /// Touches no disk. Errors: failed (a name that others could not use).
  static CommandResult<FileIntake> begin(const Sealing& sealing, IncomingFile file);
  FileIntake(FileIntake&&) noexcept;
  FileIntake& operator=(FileIntake&&) = delete;
  ~FileIntake();

  /// The next octets, any number of them. Errors: failed (the disk; too large), refused (a picture whose
  /// metadata cannot be taken out, as soon as that is known).
  IntakeResult<void> take(ByteView octets);
  /// There are no more: the file lies in the folder, durable. At most once, and not after an error. Errors:
  /// as take().
  IntakeResult<NewFile> finish();

 private:
  struct State;
  explicit FileIntake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// All of a file on disk; an empty name: its own. Errors: those of an intake, failed (it cannot be read, or
/// changed meanwhile).
CommandResult<NewFile> seal_path(const Sealing& sealing, const std::string& path, const std::string& name,
                                 bool keep_metadata);

}  // namespace sotto::client::api
