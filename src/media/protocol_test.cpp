#include "media/protocol.h"

#include <gtest/gtest.h>

namespace sotto::media {
namespace {

constexpr PictureHead kHead{.format = Format::gif,
                            .animated = true,
                            .source_width = 5000,
                            .source_height = 4000,
                            .width = 1024,
                            .height = 819};
constexpr CleanHead kClean{.format = Format::jpeg,
                           .length = 70000,
                           .thumbnail_width = 320,
                           .thumbnail_height = 256,
                           .thumbnail_length = 8192};

constexpr EncodeRequest kAsked{.format = Format::jpeg, .width = 1000, .height = 800};

template <typename Decode>
void expect_refused_at_other_lengths(const Bytes& whole, Decode&& decode) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(decode(ByteView(whole).first(size)).error(), MediaError::bad_answer) << size;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_EQ(decode(ByteView(longer)).error(), MediaError::bad_answer);
}

TEST(Protocol, SaysWhatWasSaid) {
  const Greeting greeting{.task = Task::encode, .landlock_abi = 7, .formats = 0x3e};
  EXPECT_EQ(decode_greeting(encode(greeting)), greeting);
  const DecodeRequest decode{.max_edge = 1024, .length = 99};
  EXPECT_EQ(decode_decode_request(encode(decode)), decode);
  EXPECT_EQ(decode_picture_head(encode(kHead), 1024), kHead);
  const EncodeRequest request{.format = Format::webp, .thumbnail_edge = 12, .width = 4096, .height = 1};
  EXPECT_EQ(decode_encode_request(encode(request)), request);
  const ClassifyRequest classify{.width = 1024, .height = 7};
  EXPECT_EQ(decode_classify_request(encode(classify)), classify);
  EXPECT_EQ(decode_score(encode(Score{.value = 100})), Score{.value = 100});
  for (const Task task : {Task::decode, Task::encode, Task::classify})
    EXPECT_EQ(task_named(name_of(task)), task);
  EXPECT_EQ(task_named("serve"), std::nullopt);
  EXPECT_EQ(decode_clean_head(encode(kClean), kAsked), kClean);
}

TEST(Protocol, HasSizesThatAreSpecified) {
  EXPECT_EQ(encode(Greeting{}).size(), kGreetingSize);
  EXPECT_EQ(encode(DecodeRequest{}).size(), kDecodeRequestSize);
  EXPECT_EQ(encode(PictureHead{}).size(), kPictureHeadSize);
  EXPECT_EQ(encode(EncodeRequest{}).size(), kEncodeRequestSize);
  EXPECT_EQ(encode(CleanHead{}).size(), kCleanHeadSize);
  EXPECT_EQ(encode(ClassifyRequest{}).size(), kClassifyRequestSize);
  EXPECT_EQ(encode(Score{}).size(), kScoreSize);
}

TEST(Protocol, RefusesEveryOtherLength) {
  expect_refused_at_other_lengths(encode(Greeting{.formats = 2}), decode_greeting);
  expect_refused_at_other_lengths(encode(DecodeRequest{.max_edge = 1, .length = 1}), decode_decode_request);
  expect_refused_at_other_lengths(encode(kHead), [](ByteView in) { return decode_picture_head(in, 1024); });
  expect_refused_at_other_lengths(encode(EncodeRequest{.width = 1, .height = 1}), decode_encode_request);
  expect_refused_at_other_lengths(encode(kClean), [](ByteView in) { return decode_clean_head(in, kAsked); });
}

TEST(Protocol, BelievesNoScoreThatIsNoPercentage) {
  expect_refused_at_other_lengths(encode(Score{.value = 3}), decode_score);
  expect_refused_at_other_lengths(encode(ClassifyRequest{.width = 1, .height = 1}), decode_classify_request);
  EXPECT_EQ(decode_score(encode(Score{.value = 101})).error(), MediaError::bad_answer);
  EXPECT_EQ(decode_score(encode_refusal(MediaError::not_supported, kScoreSize)).error(),
            MediaError::not_supported);
  EXPECT_EQ(decode_classify_request(encode(ClassifyRequest{.width = kMaxCleanEdge + 1, .height = 1})).error(),
            MediaError::bad_answer);
}

TEST(Protocol, PassesRefusalsOn) {
  for (const MediaError error :
       {MediaError::not_a_picture, MediaError::not_supported, MediaError::malformed, MediaError::too_large}) {
    EXPECT_EQ(decode_picture_head(encode_refusal(error, kPictureHeadSize), 1024).error(), error);
    EXPECT_EQ(decode_clean_head(encode_refusal(error, kCleanHeadSize), kAsked).error(), error);
  }
}

TEST(Protocol, BelievesNoRefusalThatIsNone) {
  for (unsigned status = 5; status < 256; ++status) {
    Bytes octets(kPictureHeadSize);
    octets[0] = static_cast<std::uint8_t>(status);
    EXPECT_EQ(decode_picture_head(octets, 1024).error(), MediaError::bad_answer);
  }
  Bytes more = encode_refusal(MediaError::malformed, kPictureHeadSize);
  more.back() = 1;
  EXPECT_EQ(decode_picture_head(more, 1024).error(), MediaError::bad_answer);
}

PictureHead with(std::uint32_t PictureHead::* field, std::uint32_t value) {
  PictureHead head = kHead;
  head.*field = value;
  return head;
}

TEST(Protocol, BelievesNoPictureBeyondTheLimits) {
  const auto refused = [](const PictureHead& head) {
    return decode_picture_head(encode(head), 1024) == std::unexpected(MediaError::bad_answer);
  };
  EXPECT_TRUE(refused(with(&PictureHead::width, 0)));
  EXPECT_TRUE(refused(with(&PictureHead::height, 0)));
  EXPECT_TRUE(refused(with(&PictureHead::width, 1025)));
  EXPECT_TRUE(refused(with(&PictureHead::height, 0xffffffff)));
  EXPECT_TRUE(refused(with(&PictureHead::source_width, 0)));
  EXPECT_TRUE(refused(with(&PictureHead::source_width, kMaxSourceEdge + 1)));
  EXPECT_TRUE(refused(with(&PictureHead::source_height, 20000)));  // 100 megapixels
  Bytes odd = encode(kHead);
  odd[1] = 6;  // no such format
  EXPECT_FALSE(decode_picture_head(odd, 1024));
  odd[1] = 4;
  odd[2] = 2;  // neither animated nor not
  EXPECT_FALSE(decode_picture_head(odd, 1024));
}

TEST(Protocol, BelievesNoCleanFileBeyondTheLimits) {
  const auto refused = [](CleanHead head) {
    return decode_clean_head(encode(head), kAsked) == std::unexpected(MediaError::bad_answer);
  };
  CleanHead head = kClean;
  head.length = kMaxCleanFile + 1;
  EXPECT_TRUE(refused(head));
  head = kClean;
  head.thumbnail_length = kMaxThumbnail + 1;
  EXPECT_TRUE(refused(head));
  head = kClean;
  head.thumbnail_width = kThumbnailEdge + 1;
  EXPECT_TRUE(refused(head));
  head = kClean;
  head.length = 0;
  EXPECT_TRUE(refused(head));
  EncodeRequest hidden = kAsked;
  hidden.thumbnail_edge = 12;
  EXPECT_FALSE(decode_clean_head(encode(kClean), hidden));  // it would show more than asked for
  EXPECT_FALSE(
      decode_clean_head(encode(kClean), EncodeRequest{.format = Format::png}));  // not what was asked for
}

TEST(Protocol, AsksForNothingBeyondTheLimits) {
  EXPECT_FALSE(decode_decode_request(encode(DecodeRequest{.max_edge = 0, .length = 1})));
  EXPECT_FALSE(decode_decode_request(encode(DecodeRequest{.max_edge = kMaxCleanEdge + 1, .length = 1})));
  EXPECT_FALSE(decode_decode_request(encode(DecodeRequest{.max_edge = 1, .length = kMaxInput + 1})));
  EXPECT_FALSE(decode_encode_request(encode(EncodeRequest{.format = Format::gif, .width = 1, .height = 1})));
  EXPECT_FALSE(decode_encode_request(encode(EncodeRequest{.width = kMaxCleanEdge + 1, .height = 1})));
}

TEST(Protocol, KnowsFormatsByName) {
  for (const Format format : {Format::png, Format::jpeg, Format::webp, Format::gif, Format::heic}) {
    EXPECT_EQ(format_named(name_of(format)), format);
  }
  EXPECT_EQ(format_named("bmp"), std::nullopt);
}

}  // namespace
}  // namespace sotto::media
