#include "admin_socket.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <istream>
#include <utility>

namespace sotto::sottod {
namespace {

// A command with its arguments, or a report about one account.
constexpr std::size_t kMaxLine = std::size_t{1} << 20;

using Socket = boost::asio::local::stream_protocol::socket;

/// One exchange; lives as long as its handlers.
struct Exchange : std::enable_shared_from_this<Exchange> {
  explicit Exchange(Socket connected) : socket(std::move(connected)) {}

  void read(const AdminHandler& handler) {
    boost::asio::async_read_until(
        socket, input, '\n',
        [self = shared_from_this(), &handler](boost::system::error_code error, std::size_t) {
          if (!error) self->answer(handler);
        });
  }
  void answer(const AdminHandler& handler) {
    std::string line;
    std::istream stream(&input);
    std::getline(stream, line);
    const auto request = nlohmann::json::parse(line, nullptr, false);
    if (!request.is_object()) return reply({{"error", "not a JSON object"}});
    handler(request, [self = shared_from_this()](const nlohmann::json& json) { self->reply(json); });
  }
  void reply(const nlohmann::json& json) {
    output = json.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
    boost::asio::async_write(socket, boost::asio::buffer(output),
                             [self = shared_from_this()](boost::system::error_code, std::size_t) {});
  }

  Socket socket;
  boost::asio::streambuf input{kMaxLine};
  std::string output;
};

bool someone_listens(const std::filesystem::path& path) {
  boost::asio::io_context context;
  Socket probe(context);
  boost::system::error_code error;
  probe.connect(path.string(), error);
  return !error;
}

}  // namespace

Outcome<std::unique_ptr<AdminSocket>> AdminSocket::listen(boost::asio::io_context& context,
                                                          const std::filesystem::path& path,
                                                          AdminHandler handler) {
  const auto failure = [&](const std::string& cause) {
    return err(Failure{fmt::format("cannot open the admin socket {}: {}", path.string(), cause)});
  };
  if (path.string().size() >= sizeof(sockaddr_un::sun_path)) {
    return failure("the path is too long for a unix socket; use a shorter --data-dir");
  }
  if (someone_listens(path)) return failure("another sottod listens on it; stop that one first");
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  std::unique_ptr<AdminSocket> admin(new AdminSocket(context, path, std::move(handler)));
  boost::system::error_code error;
  const mode_t before = ::umask(0177);  // from its first moment only the owner may connect
  admin->acceptor_.open(Protocol(), error);
  if (!error) admin->acceptor_.bind(path.string(), error);
  ::umask(before);
  if (!error) admin->acceptor_.listen(16, error);
  if (error) return failure(error.message());
  admin->accept();
  return admin;
}

AdminSocket::~AdminSocket() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void AdminSocket::accept() {
  acceptor_.async_accept([this](boost::system::error_code error, Socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (!error) {
      std::make_shared<Exchange>(std::move(socket))->read(handler_);
      return accept();
    }
    pause_.expires_after(std::chrono::seconds(1));
    pause_.async_wait([this](boost::system::error_code stopped) {
      if (!stopped) accept();
    });
  });
}

Outcome<nlohmann::json> ask_server(const std::filesystem::path& path, const nlohmann::json& request) {
  boost::asio::io_context context;
  Socket socket(context);
  boost::system::error_code error;
  socket.connect(path.string(), error);
  if (error) {
    return err(
        Failure{fmt::format("cannot reach a running sottod at {}: {}; is it started, and with this "
                            "--data-dir?",
                            path.string(), error.message())});
  }
  boost::asio::write(socket, boost::asio::buffer(request.dump() + "\n"), error);
  boost::asio::streambuf input(kMaxLine);
  if (!error) boost::asio::read_until(socket, input, '\n', error);
  if (error) return err(Failure{"sottod closed the admin socket without an answer: " + error.message()});
  std::istream stream(&input);
  std::string line;
  std::getline(stream, line);
  auto json = nlohmann::json::parse(line, nullptr, false);
  if (json.is_discarded()) return err(Failure{"sottod gave an answer that is not JSON"});
  return json;
}

}  // namespace sotto::sottod
