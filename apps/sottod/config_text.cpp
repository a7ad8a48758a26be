// The configuration file that a first start writes.
#include <fmt/format.h>

#include "config.h"

namespace sotto::sottod {
namespace {

std::string rate_lines(std::string_view key, const server::Rate& rate) {
  return fmt::format("#{}_per_second = {}\n#{}_burst = {}\n", key, rate.per_second, key, rate.burst);
}

}  // namespace

std::string default_config_text() {
  const Config defaults;
  const server::Limits& l = defaults.limits;
  const relay::Limits& m = defaults.mailboxes;
  const gateway::SmsBudgets budgets;
  const std::string limits = rate_lines("envelopes", l.envelopes_per_device) +
                             rate_lines("requests", l.requests_per_device) +
                             rate_lines("authentications", l.authentications_per_address) +
                             rate_lines("registrations", l.registrations_per_address) +
                             rate_lines("recoveries", l.recoveries_per_address) +
                             rate_lines("log_requests", l.log_requests_per_address) +
                             rate_lines("blob_requests", l.blob_requests_per_address);
  return fmt::format(
      R"(# sottod configuration. Every key is optional; what is commented out shows the default.
# After a change: sottod check-config, then restart sottod.

# The name clients know this server by. They remember it together with the server's identity key, so choose
# the public DNS name before the first user registers.
#name = "{name}"

# Where clients connect: "address:port", "[ipv6 address]:port" or "unix:/path".
#listen = "{listen}"

# "tls": sottod does TLS itself. "proxy": plain HTTP from a TLS proxy on this machine; only listen on loopback
# or a unix socket then.
#mode = "tls"

# Who may create accounts: "open" (anyone), "invite" (whoever has an invite: sottod admin create-invite) or
# "admin" (only invites made for one handle: sottod admin create-invite --handle NAME).
#registration = "open"

# Prometheus metrics at http://address/metrics, or "off".
#metrics = "127.0.0.1:9464"

# "debug", "info", "warning" or "error". Logs name no users at any level.
#log_level = "info"

# How long a stopping server waits for its clients and its disk.
#drain_seconds = {drain}

[tls]
# PEM files; relative paths start at this file. Without them a self-signed certificate is made at the first
# start. Clients that pinned the server's identity accept a changed certificate. With mode = "proxy" the
# proxy's certificate alone is needed: the server vouches to clients for its key.
#certificate = "fullchain.pem"
#private_key = "privkey.pem"

[mail]
# The mail server that codes for e-mail addresses go through. Without one people cannot have an address as a
# handle. Without TLS only on this machine: require_tls = false.
#server = "smtps://mail.example.org:465"
#from = "sotto@example.org"
#user = "sotto"
#password_file = "mail-password"
#require_tls = true
#ca_file = "mail-ca.pem"

[text_messages]
# A folder into which text messages with codes are put, one file each, for a program that sends them. Without one,
# and without Kannel, people cannot have a telephone number as a handle.
#spool = "text-messages"
# Kannel's smsbox: codes and people's texts leave through it, and answers come back. Nothing of that is encrypted.
# docs/operations.md has the lines of kannel.conf that belong to it. The first number sends the codes; towards one
# recipient each number is one account's, so that answers find their way.
#kannel = "http://127.0.0.1:13013/cgi-bin/sendsms"
#kannel_user = "sotto"
#kannel_password_file = "kannel-password"
#numbers = ["+46700000001"]
# Where Kannel calls back, with the secret, from these addresses.
#callbacks = "{callbacks}"
#callback_secret_file = "callback-secret"
#callback_sources = ["127.0.0.1", "::1"]
# Whose texts are sent: "nobody" (only codes), "proven" (accounts with a proven number), "everybody". Where to: numbers
# that begin with one of the prefixes; [] is everywhere. How much: parts are what carriers bill.
#senders = "proven"
#prefixes = []
#parts_per_day = {sms_parts}
#parts_per_account_per_day = {sms_account_parts}
#texts_per_account_per_hour = {sms_texts}
#new_recipients_per_account_per_day = {sms_recipients}

[transparency]
# Changes of the directory are shown in the public log together, this many milliseconds apart; nobody waits longer
# for an answer than that and the disk. Witnesses are auditors whose cosignatures are kept and handed out: their
# public keys, or files with these.
#epoch_interval_ms = {epochs}
#witnesses = []

[mailbox]
# What one device may leave waiting before senders are told that it is full, and for how long.
#max_envelopes = {envelopes}
#max_megabytes = {megabytes}
#keep_days = {keep}

[blobs]
# Attachments, which the server cannot read. How large one may be (0: none are taken), what one account may keep
# of them, and for how long.
#max_megabytes = {blob}
#account_megabytes = {blobs}
#keep_days = {blob_days}

[limits]
# A rate of 0 per second switches that limit off.
#max_connections = {connections}
#connections_per_address = {per_address}
#handle_lookups_per_hour = {resolves}
#account_lookups_per_hour = {accounts}
#manifest_pages_per_hour = {pages}
#prekey_fetches_per_device_pair_per_hour = {fetches}
# How many accounts that it never wrote to an account may begin to write to, in any hour and in any day of 24.
#first_contacts_per_hour = {contacts_hour}
#first_contacts_per_day = {contacts_day}
{limits})",
      fmt::arg("name", defaults.name), fmt::arg("listen", to_text(defaults.listen)),
      fmt::arg("drain", defaults.drain_deadline.value / 1000), fmt::arg("envelopes", m.mailbox_envelopes),
      fmt::arg("megabytes", m.mailbox_octets >> 20), fmt::arg("keep", m.ttl.value / days(1).value),
      fmt::arg("blob", defaults.blobs.blob_octets >> 20),
      fmt::arg("blobs", defaults.blobs.account_octets >> 20),
      fmt::arg("blob_days", defaults.blobs.ttl.value / days(1).value),
      fmt::arg("connections", defaults.max_connections), fmt::arg("per_address", l.connections_per_address),
      fmt::arg("limits", limits), fmt::arg("resolves", defaults.lookups.resolves),
      fmt::arg("accounts", defaults.lookups.account_lookups),
      fmt::arg("epochs", defaults.epoch_interval.value), fmt::arg("pages", defaults.lookups.manifest_pages),
      fmt::arg("fetches", defaults.lookups.fetches_per_pair),
      fmt::arg("contacts_hour", defaults.lookups.first_contacts_per_hour),
      fmt::arg("contacts_day", defaults.lookups.first_contacts_per_day),
      fmt::arg("callbacks", to_text(SmsConfig{}.callbacks)), fmt::arg("sms_parts", budgets.parts_per_day),
      fmt::arg("sms_account_parts", budgets.account_parts_per_day),
      fmt::arg("sms_texts", budgets.account_texts_per_hour),
      fmt::arg("sms_recipients", budgets.account_recipients_per_day));
}

}  // namespace sotto::sottod
