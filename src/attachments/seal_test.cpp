#include "attachments/seal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "bytes/hex.h"
#include "paths/paths.h"

namespace sotto::attachments {
namespace {

struct Sealed {
  Shape shape;
  Bytes body;
  Bytes tags;

  [[nodiscard]] MutableByteView chunk(std::uint64_t index) {
    return MutableByteView(body).subspan(Shape::chunk_begin(index), shape.chunk_octets(index));
  }
  [[nodiscard]] TagsHash hash() const { return hash_tags(tags); }
  [[nodiscard]] TagList list() const { return TagList::open(tags, shape, hash()).value(); }
};

class SealTest : public ::testing::Test {
 protected:
  Bytes file(std::size_t length) {
    Bytes out(length);
    random.fill(out);
    return out;
  }
  static Sealed seal(const FileKeys& keys, ByteView plain) {
    Sealed out{.shape = Shape::of(plain.size()).value()};
    out.body = to_bytes(plain);
    out.body.resize(out.shape.padded);
    for (std::uint64_t i = 0; i < out.shape.chunks; ++i) {
      const Tag tag = seal_chunk(keys, out.shape, i, out.chunk(i));
      out.tags.insert(out.tags.end(), tag.begin(), tag.end());
    }
    return out;
  }
  static AttachmentResult<void> open_all(const FileKeys& keys, Sealed& sealed) {
    const TagList tags = sealed.list();
    for (std::uint64_t i = 0; i < sealed.shape.chunks; ++i) {
      SOTTO_CHECK_OK(open_chunk(keys, sealed.shape, tags, i, sealed.chunk(i)));
    }
    return {};
  }

  crypto::DeterministicRandom random{31};
  FileKeys keys = FileKeys::generate(random);
};

TEST_F(SealTest, AgreesWithTheIndependentImplementation) {
  std::ifstream in(paths::source_dir() + "/tests/vectors/attachment.json");
  const auto vectors = nlohmann::json::parse(in);
  ASSERT_FALSE(vectors["cases"].empty());
  for (const auto& each : vectors["cases"]) {
    const auto octets = [&each](const char* name) { return from_hex(each[name].get<std::string>()).value(); };
    const FileKeys given{AttachmentKey::copy_of(octets("key")), to_array<32>(octets("file_id"))};
    Bytes plain(each["file"].get<std::size_t>());
    for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<std::uint8_t>(i * 7 + (i >> 8));
    const Sealed sealed = seal(given, plain);
    EXPECT_EQ(sealed.shape.stored, each["stored"].get<std::uint64_t>()) << plain.size();
    EXPECT_EQ(sealed.tags, octets("tags")) << plain.size();
    EXPECT_EQ(crypto::sha384({sealed.body, sealed.tags}), to_array<48>(octets("stored_sha384")))
        << plain.size();
    EXPECT_EQ(to_hex(sealed.hash()), each["tags_hash"].get<std::string>()) << plain.size();
  }
}

TEST_F(SealTest, EveryLengthComesBackAndIsAsLongAsTheShapeSays) {
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{9}, std::size_t{100}, kChunkOctets - 1,
        kChunkOctets, kChunkOctets + 1, 2 * kChunkOctets, 3 * kChunkOctets + 7}) {
    const Bytes plain = file(length);
    const FileKeys fresh = FileKeys::generate(random);
    Sealed sealed = seal(fresh, plain);
    EXPECT_EQ(sealed.body.size() + sealed.tags.size(), sealed.shape.stored) << length;
    ASSERT_TRUE(open_all(fresh, sealed)) << length;
    sealed.body.resize(length);
    EXPECT_EQ(sealed.body, plain) << length;
  }
}

TEST_F(SealTest, SizesAreThoseOfPadme) {
  EXPECT_EQ(Shape::of(0)->padded, 0u);
  EXPECT_EQ(Shape::of(0)->chunks, 1u);
  EXPECT_EQ(Shape::of(1)->padded, 1u);
  EXPECT_EQ(Shape::of(9)->padded, 10u);
  EXPECT_EQ(Shape::of(1'000'000)->padded, 1'015'808u);
  EXPECT_EQ(Shape::of(1'000'000)->chunks, 16u);
  EXPECT_TRUE(Shape::of(kMaxFileOctets));
  EXPECT_EQ(Shape::of(kMaxFileOctets + 1).error(), AttachmentError::too_large);
  EXPECT_EQ(Shape::of(~std::uint64_t{0}).error(), AttachmentError::too_large);
}

TEST_F(SealTest, ChunksOpenInAnyOrder) {
  const Bytes plain = file(3 * kChunkOctets);
  Sealed sealed = seal(keys, plain);
  const TagList tags = sealed.list();
  for (const std::uint64_t i : {std::uint64_t{2}, std::uint64_t{0}, std::uint64_t{1}}) {
    EXPECT_TRUE(open_chunk(keys, sealed.shape, tags, i, sealed.chunk(i)));
  }
  EXPECT_EQ(sealed.body, plain);
}

TEST_F(SealTest, AnotherTagListIsRefused) {
  const Sealed sealed = seal(keys, file(3 * kChunkOctets));
  const auto open = [&](Bytes tags) { return TagList::open(std::move(tags), sealed.shape, sealed.hash()); };
  ASSERT_TRUE(open(sealed.tags));
  for (std::size_t i = 0; i < sealed.tags.size(); i += 7) {
    Bytes changed = sealed.tags;
    changed[i] ^= 1;
    EXPECT_EQ(open(changed).error(), AttachmentError::wrong_tag_list) << i;
  }
  for (std::size_t length = 0; length < sealed.tags.size(); ++length) {
    EXPECT_EQ(
        open(Bytes(sealed.tags.begin(), sealed.tags.begin() + static_cast<std::ptrdiff_t>(length))).error(),
        AttachmentError::wrong_tag_list);
  }
  Bytes longer = sealed.tags;
  longer.resize(longer.size() + kTagOctets);
  EXPECT_EQ(open(longer).error(), AttachmentError::wrong_tag_list);
  Bytes swapped = sealed.tags;
  std::swap_ranges(swapped.begin(), swapped.begin() + kTagOctets, swapped.begin() + kTagOctets);
  EXPECT_EQ(open(swapped).error(), AttachmentError::wrong_tag_list);
}

TEST_F(SealTest, TheHashCountsTheChunks) {
  const Bytes tags(2 * kTagOctets, 5);
  EXPECT_NE(hash_tags(tags), hash_tags(ByteView(tags).first(kTagOctets)));
}

TEST_F(SealTest, AChangedChunkIsRefusedAndLeftAsItWas) {
  Sealed sealed = seal(keys, file(1000));
  const TagList tags = sealed.list();
  for (std::size_t i = 0; i < sealed.body.size(); ++i) {
    Bytes changed = sealed.body;
    changed[i] ^= 0x80;
    const Bytes before = changed;
    EXPECT_EQ(open_chunk(keys, sealed.shape, tags, 0, changed).error(), AttachmentError::wrong_chunk);
    EXPECT_EQ(changed, before);
  }
}

TEST_F(SealTest, AChunkCutAtAnyLengthOrLongerIsRefused) {
  Sealed sealed = seal(keys, file(1000));
  const TagList tags = sealed.list();
  for (std::size_t length = 0; length < sealed.body.size(); ++length) {
    Bytes cut(sealed.body.begin(), sealed.body.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_EQ(open_chunk(keys, sealed.shape, tags, 0, cut).error(), AttachmentError::wrong_chunk) << length;
  }
  Bytes longer = sealed.body;
  longer.push_back(0);
  EXPECT_EQ(open_chunk(keys, sealed.shape, tags, 0, longer).error(), AttachmentError::wrong_chunk);
}

TEST_F(SealTest, SwappedChunksAreRefused) {
  Sealed sealed = seal(keys, file(3 * kChunkOctets));
  const TagList tags = sealed.list();
  EXPECT_EQ(open_chunk(keys, sealed.shape, tags, 0, sealed.chunk(1)).error(), AttachmentError::wrong_chunk);
  EXPECT_EQ(open_chunk(keys, sealed.shape, tags, 1, sealed.chunk(0)).error(), AttachmentError::wrong_chunk);
}

/// Even when who made the file says that it is as it should be: the tag list is theirs then.
TEST_F(SealTest, AFileCutAtAChunkHasNoLastChunk) {
  Sealed sealed = seal(keys, file(2 * kChunkOctets));
  Sealed cut{.shape = Shape::of(kChunkOctets).value(),
             .body = Bytes(sealed.body.begin(), sealed.body.begin() + kChunkOctets),
             .tags = Bytes(sealed.tags.begin(), sealed.tags.begin() + kTagOctets)};
  EXPECT_EQ(open_all(keys, cut).error(), AttachmentError::wrong_chunk);
}

TEST_F(SealTest, AFileThatGoesOnAfterItsLastChunkIsRefused) {
  Sealed one = seal(keys, file(kChunkOctets));
  Sealed two{.shape = Shape::of(2 * kChunkOctets).value(), .body = one.body, .tags = one.tags};
  two.body.resize(2 * kChunkOctets);
  two.tags.resize(2 * kTagOctets);
  EXPECT_EQ(open_all(keys, two).error(), AttachmentError::wrong_chunk);
}

TEST_F(SealTest, AnotherKeyOrFileIsRefused) {
  Sealed sealed = seal(keys, file(100));
  FileKeys other{keys.key.clone(), random.array<32>()};
  EXPECT_EQ(open_all(other, sealed).error(), AttachmentError::wrong_chunk);
  FileKeys another{crypto::random_secret<AttachmentKey>(random), keys.file_id};
  EXPECT_EQ(open_all(another, sealed).error(), AttachmentError::wrong_chunk);
}

TEST_F(SealTest, PaddingThatIsNotZeroIsRefused) {
  Sealed sealed = seal(keys, file(kChunkOctets + 1));
  ASSERT_GT(sealed.shape.padded, sealed.shape.file);
  // The same octets as a longer file: its last octet says something.
  Bytes plain = file(sealed.shape.padded);
  plain.back() = 1;
  Sealed longer = seal(keys, plain);
  longer.shape = sealed.shape;
  const Bytes before = longer.body;
  EXPECT_EQ(open_all(keys, longer).error(), AttachmentError::wrong_padding);
  EXPECT_TRUE(std::equal(before.end() - 10, before.end(), longer.body.end() - 10)) << "left as it was";
}

TEST_F(SealTest, TheSameFileTwiceHasNothingInCommon) {
  const Bytes plain = file(1000);
  const FileKeys again = FileKeys::generate(random);
  EXPECT_NE(seal(keys, plain).body, seal(again, plain).body);
}

}  // namespace
}  // namespace sotto::attachments
