// What an auditor keeps on disk. docs/audit.md says which file is what.
#pragma once

#include <filesystem>
#include <optional>
#include <variant>

#include "audit/follower.h"
#include "audit/restore.h"
#include "crypto/hybrid_signature.h"
#include "crypto/random.h"
#include "files.h"

namespace sotto::audit_cli {

class DataFolder {
 public:
  /// $STATE_DIRECTORY under systemd, else /var/lib/sotto-audit for root, else below $XDG_STATE_HOME or ~.
  static std::filesystem::path default_root();
  /// Makes the folder, for its owner only, if there is none. Held by this process while the object lives:
  /// a second process is refused.
  static Outcome<DataFolder> open(std::filesystem::path root);
  /// The witness key of a folder that somebody else may hold; made if there is none.
  static Outcome<crypto::HybridPrivateKey> witness_key(const std::filesystem::path& root,
                                                       crypto::RandomSource& random);
  /// The log that a folder follows; none before the first contact.
  static Outcome<std::optional<audit::PinnedLog>> pinned(const std::filesystem::path& root);

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path alarm_file() const { return root_ / "ALARM"; }
  [[nodiscard]] std::filesystem::path evidence_file() const { return root_ / "evidence"; }

  /// The alarm that was raised, until somebody removes the file.
  [[nodiscard]] Outcome<std::optional<std::string>> alarm() const;
  /// Where to go on, or what contradicts the head that was found right. Cuts off what a crash left of an
  /// append.
  [[nodiscard]] Outcome<std::variant<audit::FollowerStart, audit::Finding>> restore(UnixMs now);
  /// The head that was found right last.
  [[nodiscard]] Outcome<std::optional<transparency::SignedTreeHead>> head() const;
  /// Everything in the effects that has to be kept, in their order; durable when this returns.
  [[nodiscard]] Outcome<void> keep(const audit::Effects& effects);
  [[nodiscard]] Outcome<void> keep_snapshot(ByteView octets);
  [[nodiscard]] Outcome<void> keep_alarm(const audit::Finding& finding, const std::string& words);
  [[nodiscard]] audit::LeafReader leaves() const;

 private:
  DataFolder(std::filesystem::path root, FileHandle lock, FileHandle history)
      : root_(std::move(root)), lock_(std::move(lock)), history_(std::move(history)) {}

  [[nodiscard]] std::filesystem::path history_file() const { return root_ / "history"; }
  [[nodiscard]] std::filesystem::path state_file() const { return root_ / "state"; }
  [[nodiscard]] std::filesystem::path head_file() const { return root_ / "head"; }
  [[nodiscard]] Outcome<Result<audit::FollowerStart, audit::RestoreError>> replay(audit::Restorer& restorer);

  std::filesystem::path root_;
  FileHandle lock_;
  FileHandle history_;
};

}  // namespace sotto::audit_cli
