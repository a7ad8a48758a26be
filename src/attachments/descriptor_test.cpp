#include "attachments/descriptor.h"

#include <gtest/gtest.h>

namespace sotto::attachments {
namespace {

v1::Attachment good() {
  v1::Attachment out;
  out.set_capability(std::string(32, 'c'));
  out.set_key(std::string(48, 'k'));
  out.set_file_id(std::string(32, 'f'));
  out.set_size(1000);
  out.set_stored_size(Shape::of(1000)->stored);
  out.set_tags_hash(std::string(48, 't'));
  out.set_mime("image/jpeg");
  out.set_name("a photo.jpg");
  out.set_thumbnail("x");
  return out;
}

AttachmentError refusal(const v1::Attachment& attachment) {
  const auto decoded = decode(attachment);
  return decoded ? AttachmentError{255} : decoded.error();
}

TEST(DescriptorTest, SaysWhatTheMessageSays) {
  const auto decoded = decode(good());
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->capability[0], 'c');
  EXPECT_EQ(decoded->keys.file_id[31], 'f');
  EXPECT_EQ(decoded->shape, Shape::of(1000).value());
  EXPECT_EQ(decoded->tags_hash[47], 't');
  EXPECT_EQ(decoded->name, "a photo.jpg");
  EXPECT_EQ(decoded->mime, "image/jpeg");
  EXPECT_EQ(decoded->thumbnail, Bytes{'x'});
}

TEST(DescriptorTest, FieldsOfWrongLengthsAreRefused) {
  for (int field = 0; field < 4; ++field) {
    for (const std::size_t length : {0UL, 31UL, 33UL, 47UL, 49UL}) {
      v1::Attachment changed = good();
      const std::string octets(length, 'x');
      if (field == 0) changed.set_capability(octets);
      if (field == 1) changed.set_key(octets);
      if (field == 2) changed.set_file_id(octets);
      if (field == 3) changed.set_tags_hash(octets);
      EXPECT_EQ(refusal(changed), AttachmentError::malformed) << field << " " << length;
    }
  }
}

TEST(DescriptorTest, LengthsThatContradictEachOtherAreRefused) {
  v1::Attachment changed = good();
  changed.set_stored_size(changed.stored_size() + 1);
  EXPECT_EQ(refusal(changed), AttachmentError::wrong_stored_length);
  changed = good();
  changed.set_size(kMaxFileOctets + 1);
  EXPECT_EQ(refusal(changed), AttachmentError::too_large);
}

TEST(DescriptorTest, ThumbnailsAreBounded) {
  v1::Attachment changed = good();
  changed.set_thumbnail(std::string(kMaxThumbnailOctets, 'x'));
  EXPECT_TRUE(decode(changed));
  changed.set_thumbnail(std::string(kMaxThumbnailOctets + 1, 'x'));
  EXPECT_EQ(refusal(changed), AttachmentError::thumbnail_too_large);
}

TEST(DescriptorTest, ANameIsThatOfOneVisibleFile) {
  for (const char* name :
       {"a", "a b.txt", "r\xc3\xa9sum\xc3\xa9.pdf", "\xe5\x86\x99\xe7\x9c\x9f.png", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(is_file_name(name)) << name;
  }
  for (const std::string& name : {std::string(),
                                  std::string("."),
                                  std::string(".."),
                                  std::string(".bashrc"),
                                  std::string("-rf"),
                                  std::string("a/b"),
                                  std::string("a\\b"),
                                  std::string("a\nb"),
                                  std::string("a\x1b[2Jb"),
                                  std::string("a\0b", 3),
                                  std::string("a\x7f"),
                                  std::string(256, 'a'),
                                  std::string("\xff"),
                                  std::string("\xc3"),
                                  std::string("\xc0\xaf"),
                                  std::string("\xe0\x80\xaf"),
                                  std::string("\xed\xa0\x80"),
                                  std::string("\xf5\x80\x80\x80"),
                                  std::string("\xf0\x80\x80\x80"),
                                  std::string("\xf4\x90\x80\x80"),
                                  std::string("\xe5\x86"),
                                  std::string("gpj.\xe2\x80\xaegnp.exe"),
                                  std::string("a\xe2\x80\xa8"),
                                  std::string("a\xe2\x81\xa6"),
                                  std::string("a\xc2\x85")}) {
    EXPECT_FALSE(is_file_name(name)) << name;
    v1::Attachment changed = good();
    changed.set_name(name);
    EXPECT_EQ(refusal(changed), AttachmentError::bad_name);
  }
}

TEST(DescriptorTest, AMediaTypeHasTwoNames) {
  for (const char* mime : {"image/png", "application/vnd.oasis.opendocument.text", "image/svg+xml"}) {
    EXPECT_TRUE(is_media_type(mime)) << mime;
  }
  for (const std::string& mime :
       {std::string(), std::string("image"), std::string("/png"), std::string("image/"), std::string("a/b/c"),
        std::string("text/html; charset=x"), std::string("a b/c"),
        std::string("image/") + std::string(122, 'a')}) {
    EXPECT_FALSE(is_media_type(mime)) << mime;
  }
  v1::Attachment changed = good();
  changed.set_mime("nonsense");
  EXPECT_EQ(refusal(changed), AttachmentError::bad_mime);
}

}  // namespace
}  // namespace sotto::attachments
