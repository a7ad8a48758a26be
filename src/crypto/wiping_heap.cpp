// Replaces operator new and delete of a program: whatever C++ code frees is overwritten first. Secrets are
// typed and wipe themselves (secret.h); this is for what cannot be typed, the texts of messages in strings,
// protobuf fields and buffers that grew. Linked as objects into programs that hold plaintext, which the
// server does not.
#include <malloc.h>

#include <cstdlib>
#include <new>

#include "crypto/secret.h"

namespace {

template <typename Allocate>
void* allocate(const Allocate& attempt) {
  for (;;) {
    if (void* block = attempt()) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void wipe_and_free(void* block) noexcept {
  if (block == nullptr) return;
  sotto::crypto::wipe(block, ::malloc_usable_size(block));
  std::free(block);
}

}  // namespace

// The array, nothrow and sized forms of the library call these (C++23 [new.delete]).
void* operator new(std::size_t size) {
  return allocate([size] { return std::malloc(size == 0 ? 1 : size); });
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  const std::size_t rounded = (size + align - 1) / align * align;
  return allocate([align, rounded] { return std::aligned_alloc(align, rounded == 0 ? align : rounded); });
}
void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { wipe_and_free(block); }
