// Files that are handed over by HTTP to go with a message (docs/specs/agent.md 7): taken off the socket no
// faster than they are encrypted into the profile, piece by piece, by threads of their own. Not concerned
// with who may hand them over: HttpEdge has seen the token.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "agent/agent.h"
#include "transport/http.h"

namespace sotto::agent {

/// At a time: more than the six connections that a browser opens to one address. Each has a chunk and its
/// tags in memory, 4 MiB of the largest file.
inline constexpr std::size_t kMaxUploadsAtOnce = 16;
/// One may be with a picture in the sandbox while the other one encrypts. So many pictures at most are in
/// memory whole, each of picture_metadata::kMaxPictureOctets.
inline constexpr std::size_t kUploadThreads = 2;

/// Use from the loop's thread.
class UploadEdge {
 public:
  /// Adds to every answer what answers have here.
  using Protect = std::function<void(transport::HttpResponse&)>;

  UploadEdge(boost::asio::io_context& loop, Agent& agent);
  /// Waits for the pieces that are being encrypted.
  ~UploadEdge();
  UploadEdge(const UploadEdge&) = delete;
  UploadEdge& operator=(const UploadEdge&) = delete;

  /// Takes and answers a POST to kFilesPath. May outlive the edge.
  transport::HttpBodySinkPtr take(const transport::HttpRequest& head, Protect protect);

 private:
  struct Desk;
  class Refused;
  class Upload;

  std::shared_ptr<Desk> desk_;
};

}  // namespace sotto::agent
