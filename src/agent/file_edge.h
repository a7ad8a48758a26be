// Files that are here, read over HTTP (docs/specs/agent.md 7). Not concerned with who may ask: HttpEdge has
// seen the token.
#pragma once

#include <memory>
#include <string>

#include "agent/agent.h"
#include "media/sandbox.h"
#include "transport/http.h"

namespace sotto::agent {

inline constexpr std::string_view kFilesPath = "/v1/files";

class FileEdge {
 public:
  explicit FileEdge(Agent& agent);
  ~FileEdge();
  FileEdge(const FileEdge&) = delete;
  FileEdge& operator=(const FileEdge&) = delete;

  /// A request whose path begins with kFilesPath, unless it hands a file over.
  void answer(const transport::HttpRequest& request, const transport::HttpReply& reply);

 private:
  struct Pictures;

  void send(const transport::HttpRequest& request, const transport::HttpReply& reply);
  /// What the sandbox made when the file came; else, of own files and of senders' thumbnails, what it makes
  /// now.
  void send_picture(const client::FileKey& key, const v1::AttachedFile& record, bool thumbnail,
                    const transport::HttpReply& reply);

  Agent& agent_;
  std::shared_ptr<Pictures> pictures_;
};

}  // namespace sotto::agent
