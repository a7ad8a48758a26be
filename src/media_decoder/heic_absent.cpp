// The build found no libheif and libde265.
#include "media_decoder/formats.h"

namespace sotto::media_decoder {

bool decodes_heic() { return false; }

void prepare_heic() {}

MediaResult<Decoded> decode_heic(ByteView /*file*/) { return err(MediaError::not_supported); }

}  // namespace sotto::media_decoder
