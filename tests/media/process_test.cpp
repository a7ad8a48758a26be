// The confined program and the client's side of it, as real processes: pictures come through, what a
// taken-over decoder tries is refused by the kernel, and nothing that a process does or says harms the
// client.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "media/sandbox.h"
#include "media_decoder/test_pictures.h"
#include "paths/test_folder.h"

namespace sotto::media {
namespace {

using media_decoder::testing::gif;
using media_decoder::testing::gradient;

constexpr Patience kPatient{.start = seconds(60), .answer = seconds(120)};
/// For what never answers.
constexpr Patience kImpatient{.start = seconds(60), .answer = DurationMs{300}};

std::string planted(const std::string& kind = "planted") { return std::string(PLANTED_FOLDER) + "/" + kind; }

/// What the planted decoder made of `file`.
MediaResult<PictureHead> plant(const std::string& file, Patience patience = kPatient) {
  Sandbox sandbox(planted(), patience);
  return sandbox.check(Sender::known, as_bytes(file));
}

/// How an attempt ends in a process that is not confined, or only partly.
int freely(const std::string& protection, const std::string& name) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string program = planted();
    ::execl(program.c_str(), "planted", protection.c_str(), name.c_str(), nullptr);
    ::_exit(99);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

class Attempts : public ::testing::TestWithParam<const char*> {};

TEST_P(Attempts, WorkInAnOrdinaryProcessAndEndAConfinedOne) {
  EXPECT_EQ(freely("--freely", GetParam()), 0);
  EXPECT_EQ(plant(GetParam()).error(), MediaError::forbidden_call);
}

INSTANTIATE_TEST_SUITE_P(Planted, Attempts,
                         ::testing::Values("open", "list", "create", "stat", "internet", "unix-socket",
                                           "descriptor", "execute", "fork", "thread", "trace", "signal",
                                           "code", "turn-into-code", "memory-file", "limit", "name", "pipe",
                                           "sleep", "leave"));

TEST(Confinement, KeepsTheClientsMemoryOutOfReach) {
  EXPECT_EQ(plant("client-memory").error(), MediaError::forbidden_call);
}

TEST(Confinement, HoldsWithLandlockAlone) {
  const int open = freely("--landlock", "open");
  if (open == 77) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(open, 1);
  EXPECT_EQ(freely("--landlock", "list"), 1);
  EXPECT_EQ(freely("--landlock", "create"), 1);
  EXPECT_EQ(freely("--landlock", "execute"), 1);
}

TEST(Confinement, HoldsWithLimitsAlone) {
  EXPECT_EQ(freely("--limits", "open"), 1);
  EXPECT_EQ(freely("--limits", "internet"), 1);
  EXPECT_EQ(freely("--limits", "pipe"), 1);
}

TEST(Confinement, StartsFromNothing) {
  ::setenv("SOTTO_PASSPHRASE", "secret", 1);
  const int leaked = ::open("/etc/passwd", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(leaked, 0);
  const auto out = plant("bare");
  ::close(leaked);
  ASSERT_TRUE(out);
  EXPECT_TRUE(out->animated);
}

TEST(Confinement, IsProvenBeforeAnythingIsGiven) {
  Sandbox sandbox(planted("planted_unconfined"), kPatient);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count")).error(), MediaError::not_confined);
  EXPECT_EQ(Sandbox(planted("planted_refused"), kPatient).confinement().error(), MediaError::not_confined);
}

TEST(Confinement, HoldsWithoutLandlockAndSaysSo) {
  Sandbox sandbox(planted("planted_without_landlock"), kPatient);
  const auto greeting = sandbox.confinement();
  ASSERT_TRUE(greeting);
  EXPECT_EQ(greeting->landlock_abi, 0);
  for (const char* attempt : {"open", "create", "internet", "execute", "fork", "trace"}) {
    EXPECT_EQ(sandbox.check(Sender::known, as_bytes(attempt)).error(), MediaError::forbidden_call) << attempt;
  }
}

TEST(Confinement, IsAllOrNothingWhereTheKernelRefuses) {
  for (const char* kind : {"planted_refused_landlock", "planted_without_limits", "planted_without_seccomp"}) {
    EXPECT_EQ(Sandbox(planted(kind), kPatient).confinement().error(), MediaError::not_confined) << kind;
  }
}

TEST(Confinement, GivesMemoryOnlyUpToTheLimit) { EXPECT_EQ(plant("memory").error(), MediaError::too_large); }

TEST(Confinement, SwallowsWhatALibraryPrints) { EXPECT_TRUE(plant("print")->animated); }

TEST(Processes, ThatDieAreTold) {
  for (const char* how : {"crash", "killed", "end"})
    EXPECT_EQ(plant(how).error(), MediaError::crashed) << how;
  EXPECT_EQ(plant("processor").error(), MediaError::timed_out);
}

TEST(Processes, ThatAreLateAreEnded) {
  EXPECT_EQ(plant("hang", kImpatient).error(), MediaError::timed_out);
  EXPECT_EQ(plant("half", kImpatient).error(), MediaError::timed_out);
  EXPECT_EQ(plant(std::string(kMaxInput, 'x'), kImpatient).error(), MediaError::timed_out);  // takes no more
  Sandbox mute(planted("planted_mute"), {.start = DurationMs{300}, .answer = seconds(1)});
  EXPECT_EQ(mute.confinement().error(), MediaError::timed_out);
}

TEST(Processes, ThatSayWhatNoDecoderSaysAreNotBelieved) {
  for (const char* how : {"garbage", "refuse-oddly", "huge"}) {
    EXPECT_EQ(plant(how).error(), MediaError::bad_answer) << how;
  }
  EXPECT_EQ(Sandbox(planted("planted_rude"), kPatient).confinement().error(), MediaError::bad_answer);
  EXPECT_EQ(Sandbox(planted("planted_other"), kPatient).confinement().error(), MediaError::bad_answer);
  EXPECT_EQ(Sandbox(planted("planted_crash"), kPatient).confinement().error(), MediaError::crashed);
  // Octets that nobody asked for.
  Sandbox sandbox(planted(), kPatient);
  EXPECT_TRUE(sandbox.check(Sender::known, as_bytes("unasked")));
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count")).error(), MediaError::bad_answer);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count"))->source_width, 1U);
}

TEST(Processes, ThatCannotBeStartedAreTold) {
  EXPECT_EQ(Sandbox("/nowhere/sotto-media", kPatient).confinement().error(), MediaError::not_started);
}

TEST(Processes, ServeABatchOfOneSortOfSenders) {
  Sandbox sandbox(planted(), kPatient);
  const auto count = [&](Sender sender) { return sandbox.check(sender, as_bytes("count"))->source_width; };
  for (std::uint32_t i = 1; i <= kKnownBatch; ++i) {
    EXPECT_EQ(count(Sender::known), i);
    EXPECT_EQ(count(Sender::unknown), 1U);
  }
  EXPECT_EQ(count(Sender::known), 1U);
  EXPECT_EQ(count(Sender::known), 2U);
  sandbox.end_batch(Sender::known);
  EXPECT_EQ(count(Sender::known), 1U);
}

TEST(Processes, AreReplacedWhenTheyWereAtWorkForLong) {
  Sandbox sandbox(planted(), {.start = seconds(60), .answer = seconds(120), .batch = DurationMs{0}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count"))->source_width, 1U);
}

TEST(Processes, AreReplacedAfterAFailure) {
  Sandbox sandbox(planted(), kPatient);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count"))->source_width, 1U);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("crash")).error(), MediaError::crashed);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("count"))->source_width, 1U);
}

class RealDecoder : public ::testing::Test {
 protected:
  Sandbox sandbox{SOTTO_MEDIA, kPatient};
};

TEST_F(RealDecoder, SaysHowItIsConfined) {
  const auto greeting = sandbox.confinement();
  ASSERT_TRUE(greeting) << describe(greeting.error());
  EXPECT_EQ(greeting->task, Task::decode);
  EXPECT_NE(greeting->formats & 1U << static_cast<unsigned>(Format::gif), 0U);
}

TEST_F(RealDecoder, MakesCleanPicturesOfEveryFormat) {
  const auto picture = gradient(600, 400);
  std::vector<std::pair<Bytes, Format>> files = {
      {media_decoder::encode(Format::png, picture).value(), Format::png},
      {media_decoder::encode(Format::jpeg, picture).value(), Format::jpeg},
      {media_decoder::encode(Format::webp, picture).value(), Format::webp},
      {gif({.frames = 3}), Format::png}};
  if (media_decoder::decodes_heic()) {
    const std::string heic = paths::read_all(HEIC_SAMPLE);
    files.emplace_back(to_bytes(as_bytes(heic)), Format::jpeg);
  }
  for (const auto& [file, format] : files) {
    for (const Sender sender : {Sender::known, Sender::unknown}) {
      const auto clean = sandbox.clean(sender, file, {.max_edge = 300});
      ASSERT_TRUE(clean) << describe(clean.error());
      EXPECT_EQ(clean->format, format);
      EXPECT_LE(clean->thumbnail.size(), kMaxThumbnail);
      const auto shown = media_decoder::decode(clean->file, kMaxCleanEdge);
      ASSERT_TRUE(shown);
      EXPECT_EQ(shown->head.format, format);
      EXPECT_LE(shown->head.width, 300U);
      EXPECT_TRUE(media_decoder::decode(clean->thumbnail, kMaxCleanEdge));
    }
  }
}

TEST_F(RealDecoder, WritesTheFormatThatIsAskedFor) {
  const Bytes file = media_decoder::encode(Format::png, gradient(50, 40)).value();
  for (const Format format : {Format::png, Format::jpeg, Format::webp}) {
    const auto clean = sandbox.clean(Sender::known, file, {.format = format});
    ASSERT_TRUE(clean);
    EXPECT_EQ(media_decoder::format_of(clean->file), format);
  }
}

TEST_F(RealDecoder, LeavesNothingOfTheFileBehindButItsPicture) {
  const Bytes jpeg = media_decoder::testing::with_orientation(
      media_decoder::encode(Format::jpeg, gradient(64, 48)).value(), 6);
  const auto clean = sandbox.clean(Sender::known, jpeg);
  ASSERT_TRUE(clean);
  EXPECT_EQ(as_chars(clean->file).find("Exif"), std::string_view::npos);
  EXPECT_EQ(clean->source.width, 48U);  // upright
}

TEST_F(RealDecoder, RefusesWhatIsNoPictureAndGoesOn) {
  EXPECT_EQ(sandbox.check(Sender::known, {}).error(), MediaError::not_a_picture);
  EXPECT_EQ(sandbox.check(Sender::known, as_bytes("hello")).error(), MediaError::not_a_picture);
  EXPECT_EQ(sandbox.check(Sender::known, Bytes(kMaxInput + 1)).error(), MediaError::too_large);
  Bytes png = media_decoder::encode(Format::png, gradient(50, 40)).value();
  png.resize(png.size() / 2);
  EXPECT_EQ(sandbox.check(Sender::known, png).error(), MediaError::malformed);
  EXPECT_TRUE(sandbox.check(Sender::known, gif({})));
}

TEST_F(RealDecoder, NeedsNoCallThatItDoesNotHaveHoweverFilesAreDamaged) {
  const auto picture = gradient(64, 48);
  std::vector<Bytes> files = {media_decoder::encode(Format::png, picture).value(),
                              media_decoder::encode(Format::jpeg, picture).value(),
                              media_decoder::encode(Format::webp, picture).value(), gif({.frames = 2})};
  if (media_decoder::decodes_heic()) {
    const std::string heic = paths::read_all(HEIC_SAMPLE);
    files.push_back(to_bytes(as_bytes(heic)));
  }
  constexpr std::size_t kVariants = 12;
  for (const Bytes& file : files) {
    for (std::size_t i = 0; i < kVariants; ++i) {
      Bytes damaged = file;
      damaged[file.size() * i / kVariants] ^= 0x55;
      if (i % 2 == 1) damaged.resize(file.size() * i / kVariants + 1);
      const auto out = sandbox.check(Sender::known, damaged);
      const auto error = out ? MediaError::malformed : out.error();
      EXPECT_TRUE(error == MediaError::malformed || error == MediaError::not_a_picture ||
                  error == MediaError::not_supported || error == MediaError::too_large)
          << describe(error) << ", variant " << i;
    }
  }
}

TEST_F(RealDecoder, HasMemoryAndTimeForTheLargestPicture) {
  // 48 mebipixels of noise-free gradient, and a clean picture of the largest size.
  const Bytes file = media_decoder::encode(Format::png, gradient(8192, 6144)).value();
  const auto clean = sandbox.clean(Sender::unknown, file);
  ASSERT_TRUE(clean) << describe(clean.error());
  EXPECT_EQ(clean->source.source_width, 8192U);
  EXPECT_EQ(clean->source.width, kMaxCleanEdge);
}

}  // namespace
}  // namespace sotto::media
