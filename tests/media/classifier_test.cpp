// Classifiers as real processes: what they say decides what is hidden, and what they try is refused.
#include "media/sandbox.h"
#include "media_decoder/test_pictures.h"
#include "paths/test_folder.h"

namespace sotto::media {
namespace {

using media_decoder::testing::gradient;

class Classifying : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::copy_file(PLANTED_CLASSIFIER, library); }

  /// What becomes of a picture when the classifier follows this plan.
  CleanPicture classified(const std::string& plan, DurationMs answer = seconds(120)) {
    std::ofstream(folder / "plan") << plan;
    Sandbox sandbox(SOTTO_MEDIA, {.start = seconds(60), .answer = answer});
    const auto clean = sandbox.clean(Sender::known, picture, {.classifier = library});
    EXPECT_TRUE(clean);
    return clean ? *clean : CleanPicture{};
  }
  /// Why it has no score. It is hidden then.
  MediaError failure(const std::string& plan) {
    const CleanPicture clean = classified(plan);
    EXPECT_TRUE(clean.verdict && clean.verdict->hides()) << plan;
    EXPECT_LE(clean.thumbnail_width, kHiddenThumbnailEdge) << plan;
    return clean.verdict ? clean.verdict->failure.value_or(MediaError::not_started) : MediaError::not_started;
  }

  paths::TestFolder folder;
  std::string library = folder / "classifier.so";
  Bytes picture = media_decoder::encode(Format::png, gradient(200, 100)).value();
};

TEST_F(Classifying, HidesWhatIsAsLikelyAsNot) {
  for (const auto& [plan, hides] : {std::pair{"score 0", false}, std::pair{"score 49", false},
                                    std::pair{"score 50", true}, std::pair{"score 100", true}}) {
    const CleanPicture clean = classified(plan);
    ASSERT_TRUE(clean.verdict && clean.verdict->score) << plan;
    EXPECT_EQ(clean.verdict->hides(), hides) << plan;
    EXPECT_EQ(clean.thumbnail_width, hides ? kHiddenThumbnailEdge : 200U);
    EXPECT_TRUE(media_decoder::decode(clean.file, kMaxCleanEdge));  // for whoever wants to see it
  }
}

TEST_F(Classifying, SeesThePixelsOfThePicture) {
  EXPECT_NEAR(classified("red").verdict->score->value, 50, 1);
  Sandbox sandbox(SOTTO_MEDIA);
  media_decoder::Picture red(40, 40);
  for (std::size_t i = 0; i < red.pixels.size(); ++i) red.pixels[i] = i % 4 == 0 || i % 4 == 3 ? 255 : 0;
  const Bytes file = media_decoder::encode(Format::png, red).value();
  EXPECT_EQ(sandbox.clean(Sender::known, file, {.classifier = SAMPLE_CLASSIFIER})->verdict->score->value,
            100);
  EXPECT_EQ(sandbox.clean(Sender::known, picture, {.classifier = SAMPLE_CLASSIFIER})->verdict->hides(),
            false);
  EXPECT_EQ(sandbox.clean(Sender::known, picture)->verdict, std::nullopt);
}

TEST_F(Classifying, HidesWhenTheClassifierFails) {
  EXPECT_EQ(failure("score 101"), MediaError::not_supported);
  EXPECT_EQ(failure("score -1"), MediaError::not_supported);
  EXPECT_EQ(failure("load refuse"), MediaError::not_supported);
  EXPECT_EQ(failure("load crash"), MediaError::crashed);
  EXPECT_EQ(failure("classify crash"), MediaError::crashed);
  EXPECT_EQ(classified("classify hang", seconds(1)).verdict->failure, MediaError::timed_out);
  std::filesystem::remove(library);
  EXPECT_EQ(failure("score 0"), MediaError::not_supported);
  std::ofstream(library) << "no library";
  EXPECT_EQ(failure("score 0"), MediaError::not_supported);
}

TEST_F(Classifying, IsEndedWhenItTriesWhatItMayNot) {
  for (const char* what : {"internet", "write", "fork", "execute"}) {
    EXPECT_EQ(failure(std::string("load ") + what), MediaError::forbidden_call) << what;
    EXPECT_EQ(failure(std::string("classify ") + what), MediaError::forbidden_call) << what;
  }
  EXPECT_EQ(failure("classify read"), MediaError::forbidden_call);
}

TEST_F(Classifying, ReadsNothingButLibrariesAndItsOwnFolder) {
  if (Sandbox(SOTTO_MEDIA).confinement()->landlock_abi == 0) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(failure("load read"), MediaError::not_supported);
}

}  // namespace
}  // namespace sotto::media
