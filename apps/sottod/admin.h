// What `sottod admin` can ask of a running server: requests and answers as JSON. docs/operations.md 5.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "admin_socket.h"
#include "server/runtime.h"

namespace sotto::sottod {

/// Answers {"command": ...}; an answer with "error" in it is a refusal.
void answer_admin(server::Runtime& runtime, UnixMs started, const nlohmann::json& request, AdminReply reply);

/// An answer as people read it.
std::string admin_text(const nlohmann::json& answer);

}  // namespace sotto::sottod
