#include "client/links/records.h"

#include <vector>

#include "client/accounts/server_record.h"
#include "client/conversations/author.h"
#include "client/conversations/commands.h"
#include "client/conversations/timeline.h"
#include "client/links/find_links.h"

namespace sotto::client {
namespace {

std::vector<std::string> known_hosts(store::Database& database) {
  std::vector<std::string> out;
  if (const auto server = load_server(database)) out.push_back(server->host);
  store::Rows rows = database.query("SELECT host FROM known_host ORDER BY seen_ms DESC, host");
  while (rows.next()) out.push_back(rows.text(0));
  return out;
}

/// An edit puts other links where the revealed ones stood.
bool is_revealed(store::Database& database, std::int64_t message, const std::string& body) {
  store::Rows rows = database.query("SELECT body_hash FROM link_reveal WHERE message = ?1", message);
  return rows.next() && rows.octets(0) == to_bytes(content_hash(as_bytes(body)));
}

void remember(Work& work, const std::vector<FoundLink>& links) {
  for (const FoundLink& link : links) {
    work.db.run("INSERT OR REPLACE INTO known_host (host, seen_ms) VALUES (?1, ?2)",
                std::string_view(link.host()), work.now);
  }
  work.db.run(
      "DELETE FROM known_host WHERE host NOT IN (SELECT host FROM known_host ORDER BY seen_ms DESC, host"
      " LIMIT ?1)",
      kMaxKnownHosts);
}

}  // namespace

void add_links(store::Database& database, std::int64_t message, v1::Message& record) {
  if (record.kind() != v1::Message::TEXT) return;
  auto links = find_links(record.body());
  if (links.empty()) return;
  // What a program of the user's wrote is not what the user wrote.
  const bool own = record.outgoing() && record.app().empty();
  const bool inert = !own && !is_revealed(database, message, record.body());
  const auto known = known_hosts(database);
  for (FoundLink& link : links) {
    if (!own) compare_with(known, link);
    link.set_inert(inert);
    if (inert) link.clear_url();
    *record.add_links() = std::move(link);
  }
}

Result<std::int64_t, ComposeError> reveal_links(Work& work, std::string_view conversation,
                                                std::string_view which) {
  SOTTO_TRY(const auto message, named_message(work, conversation, which, Whose::anybody));
  std::string body;
  {
    store::Rows rows =
        work.db.query("SELECT body FROM message WHERE id = ?1 AND kind = ?2", message.row, v1::Message::TEXT);
    if (rows.next()) body = rows.text(0);
  }
  const auto links = find_links(body);
  if (links.empty()) return err(ComposeError::no_links);
  // Those that nothing speaks against are what later ones are compared with.
  auto sound = links;
  const auto known = known_hosts(work.db);
  for (FoundLink& link : sound) compare_with(known, link);
  std::erase_if(sound, [](const FoundLink& link) { return link.warnings_size() > 0; });
  remember(work, sound);
  work.db.run("INSERT OR REPLACE INTO link_reveal (message, body_hash) VALUES (?1, ?2)", message.row,
              content_hash(as_bytes(body)));
  announce_message(work, message.row);
  return message.row;
}

void remember_hosts(Work& work, std::string_view text) {
  const auto links = find_links(text);
  if (!links.empty()) remember(work, links);
}

}  // namespace sotto::client
