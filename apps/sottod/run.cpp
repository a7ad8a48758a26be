#include "run.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "admin.h"
#include "bytes/hex.h"
#include "couriers.h"
#include "server/runtime.h"
#include "transport/tls.h"
#include "witnesses.h"

namespace sotto::sottod {
namespace {

/// Each connection is a descriptor: take as many as we may have.
void raise_descriptor_limit(const Config& config, log::Logger& logger) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < config.max_connections) {
    logger.warning("fewer_descriptors_than_connections",
                   {log::field("descriptors", static_cast<std::uint64_t>(limit.rlim_cur)),
                    log::field("max_connections", config.max_connections)});
  }
}

/// The key that clients will see at the proxy.
Outcome<transport::SpkiPin> proxy_key(const std::filesystem::path& certificate) {
  if (certificate.empty()) {
    return err(Failure{
        "mode = \"proxy\" needs tls.certificate, the proxy's certificate: clients connect only where the "
        "server vouches for the TLS key that they see"});
  }
  const auto pin = transport::pin_of_file(certificate);
  if (pin) return *pin;
  return err(Failure{
      fmt::format("cannot use the proxy's certificate {}: {}", certificate.string(), describe(pin.error()))});
}

struct Prepared {
  server::RuntimeOptions options;
  transport::SpkiPin tls_key{};  ///< what clients see
};

Outcome<Prepared> prepare(const DataDirectory& data, const Config& config, UnixMs now, log::Logger& logger) {
  crypto::SystemRandom random;
  SOTTO_TRY(server::ServerKeys keys, data.keys(random));
  Prepared out{.options = {.keys = std::move(keys)}};
  server::RuntimeOptions& options = out.options;
  if (config.mode == EdgeMode::tls) {
    SOTTO_TRY(const transport::ServerCertificate certificate, data.certificate(config, now));
    auto tls = transport::TlsServerContext::create(certificate);
    if (!tls) return err(Failure{fmt::format("cannot use the certificate: {}", describe(tls.error()))});
    options.tls = *std::move(tls);
    out.tls_key = certificate.pin();
  } else {
    SOTTO_TRY(out.tls_key, proxy_key(config.certificate));
  }
  SOTTO_TRY(options.core.presentation,
            data.presentation(config, options.keys.identity, out.tls_key, now, random));
  options.core.log.epoch_interval = config.epoch_interval;
  SOTTO_TRY(options.core.log.witnesses, load_witnesses(config.witnesses));
  options.core.registration = config.registration;
  options.core.limits = config.limits;
  options.core.lookups = config.lookups;
  options.core.mailboxes = config.mailboxes;
  options.core.blobs = config.blobs;
  SOTTO_TRY(options.mail, mail_courier(config, logger));
  SOTTO_TRY(options.text_messages, text_message_courier(config, logger));
  if (config.sms) {
    SOTTO_TRY(options.sms, sms_gateway(*config.sms));
    options.core.sms = config.sms->rules;
    options.core.sms.server = config.name;
  }
  options.database = data.database();
  options.listen = config.listen;
  options.max_connections = config.max_connections;
  options.metrics = config.metrics;
  return out;
}

void stop_on_signals(boost::asio::signal_set& signals, server::Runtime& runtime, const Config& config,
                     boost::asio::io_context& context, log::Logger& logger) {
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    logger.info("shutting_down");
    runtime.drain(config.drain_deadline, [&] { context.stop(); });
    signals.async_wait([&](boost::system::error_code again, int) {
      if (!again) context.stop();
    });
  });
}

}  // namespace

Outcome<Config> read_configuration(const DataDirectory& data, const std::filesystem::path& file,
                                   const Overrides& overrides) {
  auto config = load_config(file);
  if (!config) return err(Failure{config.error().message});
  if (overrides.listen) {
    const auto endpoint = parse_endpoint(*overrides.listen);
    if (!endpoint) {
      return err(Failure{"--listen " + *overrides.listen +
                         ": expected address:port, [ipv6 address]:port or unix:/path"});
    }
    config->listen = *endpoint;
  }
  if (config->mode == EdgeMode::tls) {
    SOTTO_CHECK_OK(data.certificate(*config, SystemClock().now()));
  } else {
    SOTTO_CHECK_OK(proxy_key(config->certificate));
  }
  SOTTO_CHECK_OK(load_witnesses(config->witnesses));
  if (config->sms) SOTTO_CHECK_OK(sms_gateway(*config->sms));
  return *std::move(config);
}

Outcome<void> run(const DataDirectory& data, const Config& config) {
  log::StderrLogger logger(config.log_level);
  raise_descriptor_limit(config, logger);
  // Writing to a peer that is gone is an error of that connection, not of the process.
  std::signal(SIGPIPE, SIG_IGN);
  const UnixMs started = SystemClock().now();
  SOTTO_TRY(Prepared prepared, prepare(data, config, started, logger));
  boost::asio::io_context context(1);
  // From here on a signal drains; before, it may end the process: nothing was accepted yet.
  boost::asio::signal_set signals(context, SIGTERM, SIGINT);
  auto runtime = server::Runtime::start(context, std::move(prepared.options), logger);
  if (!runtime) return err(Failure{runtime.error().message});
  SOTTO_TRY(
      const auto admin,
      AdminSocket::listen(context, data.admin_socket(), [&](const nlohmann::json& request, AdminReply reply) {
        answer_admin(**runtime, started, request, std::move(reply));
      }));
  stop_on_signals(signals, **runtime, config, context, logger);
  logger.info("started", {log::operator_text("listening_on", to_text((*runtime)->endpoint()))});
  fmt::print("listening on {}\n", to_text((*runtime)->endpoint()));
  fmt::print("TLS key {} (sotto register --pin)\n", to_hex(prepared.tls_key));
  std::fflush(stdout);
  context.run();
  logger.info("stopped");
  return {};
}

}  // namespace sotto::sottod
