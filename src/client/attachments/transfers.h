// Files on their way: blobs opened and released over the stream, how far octets are, messages that wait for
// their files. Which octets move is octet_mover.h's concern, who asks the server for them
// runtime/transfers.h's; the core is told what became of them.
#pragma once

#include <string_view>
#include <vector>

#include "client/attachments/records.h"
#include "client/conversations/commands.h"
#include "client/core/work.h"
#include "sotto/v1/stream.pb.h"

namespace sotto::client {

/// Queues a message with files; it leaves when they are at the server. Errors: those of send_entry.
/// Precondition: 1 to kMaxFilesOfMessage files.
Result<session::MessageId, ComposeError> send_files(Work& work, std::string_view conversation,
                                                    v1::Content content, const EntryOptions& options,
                                                    const std::vector<NewFile>& files);
/// Takes a message back from those that are signed next: it leaves when its files are at the server. Its row;
/// empty if the transaction failed.
std::optional<std::int64_t> hold_for_files(Work& work, const session::MessageId& id);
/// Puts a file of another message beside this one: its blob is kept for this account too, and where the
/// server has it no more it is sent anew. Precondition: `source` has a blob; the message is held.
void pass_on_file(Work& work, const FileKey& source, const FileKey& key, ByteView thumbnail);
/// The files that a verified message brings; those whose description does not hold are left out.
void take_files(Work& work, std::int64_t message, ConversationRow conversation, const v1::Content& content,
                bool from_self);
/// The user wants it here. False: it is, or it cannot be had, or it came with a request.
bool want_file(Work& work, const FileKey& key);

/// The files of a message, as a person names it, which the user may want here. Errors: those of
/// named_message, not_accepted (it came with a request).
Result<std::vector<FileKey>, ComposeError> message_files(Work& work, std::string_view conversation,
                                                         std::string_view which);

/// Opens blobs for files that have none, keeps those of files that are passed on, and tells the server which
/// are needed no more.
void keep_blobs(Work& work);
void on_blob_created(Work& work, const Request& request, const v1::BlobCreated& created);
void on_blob_refused(Work& work, const Request& request, const v1::Error& error);
void on_blob_kept(Work& work, const Request& request);
void on_blob_released(Work& work, const Request& request);

/// So many octets are durable at the other end. With the last one an upload, or a download, is over.
void file_moved(Work& work, const FileKey& key, std::uint64_t transferred);
/// The server has the blob no more that an upload went into: another one is opened.
void upload_lost(Work& work, const FileKey& key);
/// An event for whoever watches.
void announce_file(Work& work, const FileKey& key);
/// It cannot be sent, or be had. A message that waited for it fails.
void file_failed(Work& work, const FileKey& key, std::string_view reason);

}  // namespace sotto::client
