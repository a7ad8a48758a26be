// A plug-in that says which pictures are to be hidden, inside a confined process.
#pragma once

#include <optional>
#include <string>

#include "media_decoder/classifier_plugin.h"
#include "media_decoder/picture.h"

namespace sotto::media_decoder {

class Classifier {
 public:
  /// Before the process is confined. Empty: the library cannot be loaded, is no classifier of this ABI, or is
  /// not ready.
  static std::optional<Classifier> load(const std::string& library);
  /// Errors: not_supported (it cannot tell, or says what is no percentage).
  [[nodiscard]] MediaResult<media::Score> score(const Picture& picture) const;

 private:
  explicit Classifier(const sotto_classifier& plugin) : plugin_(&plugin) {}

  const sotto_classifier* plugin_;  // stays loaded as long as the process lives
};

}  // namespace sotto::media_decoder
