#include "media_decoder/classifier.h"

#include <dlfcn.h>

#include <filesystem>

namespace sotto::media_decoder {

std::optional<Classifier> Classifier::load(const std::string& library) {
  void* const loaded = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) return std::nullopt;
  const auto* plugin = static_cast<const sotto_classifier*>(::dlsym(loaded, "sotto_classifier_v1"));
  if (plugin == nullptr || plugin->abi != SOTTO_CLASSIFIER_ABI || plugin->load == nullptr ||
      plugin->classify == nullptr) {
    return std::nullopt;
  }
  const std::string folder = std::filesystem::path(library).parent_path();
  if (plugin->load(folder.c_str()) != 0) return std::nullopt;
  return Classifier(*plugin);
}

MediaResult<media::Score> Classifier::score(const Picture& picture) const {
  const int value = plugin_->classify(picture.pixels.data(), picture.width, picture.height);
  if (value < 0 || value > media::kMaxScore) return err(MediaError::not_supported);
  return media::Score{.value = static_cast<std::uint8_t>(value)};
}

}  // namespace sotto::media_decoder
