// Files over HTTP: handed over to go with a message, and read once they are here (docs/specs/agent.md 7). Not
// concerned with who may ask: HttpEdge has seen the token.
#pragma once

#include <memory>
#include <string>

#include "agent/agent.h"
#include "media/sandbox.h"
#include "transport/http.h"

namespace sotto::agent {

inline constexpr std::string_view kFilesPath = "/v1/files";
/// Held in memory while it is taken in; larger ones go by path.
inline constexpr std::size_t kMaxUploadOctets = std::size_t{256} << 20;

class FileEdge {
 public:
  explicit FileEdge(Agent& agent);
  ~FileEdge();
  FileEdge(const FileEdge&) = delete;
  FileEdge& operator=(const FileEdge&) = delete;

  /// A request whose path begins with kFilesPath.
  void answer(const transport::HttpRequest& request, const transport::HttpReply& reply);

 private:
  struct Pictures;

  void upload(const transport::HttpRequest& request, const transport::HttpReply& reply);
  void send(const transport::HttpRequest& request, const transport::HttpReply& reply);
  /// What the sandbox made when the file came; else, of own files and of senders' thumbnails, what it makes
  /// now.
  void send_picture(const client::FileKey& key, const v1::AttachedFile& record, bool thumbnail,
                    const transport::HttpReply& reply);

  Agent& agent_;
  std::shared_ptr<Pictures> pictures_;
};

}  // namespace sotto::agent
