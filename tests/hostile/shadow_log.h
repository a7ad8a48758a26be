// The operator's second log, under the same keys as the first: it holds what the directory takes as well, and
// whatever the script puts in. People whom it is shown to get their answers about the log from it.
#pragma once

#include <map>
#include <set>

#include "stage.h"
#include "transparency/test_log.h"

namespace sotto::hostile {

class ShadowLog {
 public:
  /// Sits between the people and the server until it dies; replaces what a script did there before.
  explicit ShadowLog(Stage& stage);
  ~ShadowLog() { stage_.op = {}; }
  ShadowLog(const ShadowLog&) = delete;
  ShadowLog& operator=(const ShadowLog&) = delete;

  void show_to(const std::string& name) { shown_to_.insert(name); }
  /// An entry that the directory knows nothing of.
  void set(const transparency::Label& label, Bytes value);
  /// A version that the entry has already, with another value.
  void rewrite(const transparency::Label& label, Bytes value, std::uint64_t version);
  /// Entries that concern nobody.
  void grow();

 private:
  ClientFrames to_server(Person& from, v1::ClientFrame frame);
  ServerFrames to_device(Person& to, v1::ServerFrame frame);
  /// Takes over what changes the directory.
  void mirror(const v1::ClientFrame& frame);
  void log_manifest(const v1::SignedManifest& manifest);
  v1::ServerFrame answer(const v1::ClientFrame& request) const;

  using Log = transparency::testing::TestLog;

  Stage& stage_;
  transparency::testing::TestKeys keys_;
  Log log_;
  std::set<std::string> shown_to_;
  std::map<std::pair<Person*, std::uint64_t>, v1::ClientFrame> questions_;
};

}  // namespace sotto::hostile
