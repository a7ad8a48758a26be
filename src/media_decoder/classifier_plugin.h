/* What a classifier of pictures is: a shared library with one symbol, sotto_classifier
   (docs/specs/media-sandbox.md 7). Plain C, so that plug-ins can be written in anything; this file is all
   they need.

   The library is loaded by sotto-media, which may then read system libraries and the library's own folder,
   and nothing else: no network, no other program, no writing. After load() it is confined like a decoder:
   memory and processor time only. No threads, no files, no code made at run time; mappings made before stay.
 */
#pragma once

#include <stdint.h>

#define SOTTO_CLASSIFIER_ABI 1

#ifdef __cplusplus
extern "C" {
#endif

struct sotto_classifier {
  uint32_t abi; /* SOTTO_CLASSIFIER_ABI */
  /* Called once. `folder`: where the library lies, for a model beside it. 0: ready. */
  int (*load)(const char* folder);
  /* Rows from the top of red, green, blue, opacity; no edge is longer than 1024. How sure it is, in percent,
     that the picture should be hidden until somebody wants to see it; a negative number: it cannot tell. */
  int (*classify)(const uint8_t* pixels, uint32_t width, uint32_t height);
};

extern const struct sotto_classifier sotto_classifier_v1;

#ifdef __cplusplus
}
#endif
