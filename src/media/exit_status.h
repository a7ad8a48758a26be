// How a confined process ends of its own accord.
#pragma once

namespace sotto::media {

inline constexpr int kServedStatus = 0;         ///< the client closed the socket
inline constexpr int kNotConfinedStatus = 70;   ///< some protection could not be set up; nothing was read
inline constexpr int kBadRequestStatus = 71;    ///< the client broke the protocol
inline constexpr int kNoClassifierStatus = 72;  ///< the library cannot be loaded, or is no classifier

}  // namespace sotto::media
